// SPDX-License-Identifier: MIT
#include "recording/recording_scan.h"

#include <algorithm>

#include "recording/pcapng.h"
#include "recording/tl1.h"

namespace tcpladder {
namespace {

void note(std::string_view line, std::vector<std::uint32_t>& found) {
    tl1::Fields fields(line);
    std::uint64_t number = 0;
    while (const auto name = fields.next()) {
        if (name != tl1::key("r") || !fields.hex(number))
            continue;
        const auto id = static_cast<std::uint32_t>(number);
        if (std::find(found.begin(), found.end(), id) == found.end())
            found.push_back(id);
        return;
    }
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::optional<std::uint32_t> recording_that_ends_at(std::uint64_t place, std::string_view journal) {
    const auto line = tl1::line_of_journal(bytes_of(journal));
    tl1::Fields fields(line);
    std::uint64_t recording = 0;
    std::uint64_t at = UINT64_MAX;
    bool is_end = false;
    while (const auto name = fields.next()) {
        if (name == tl1::key("k"))
            is_end = fields.text() == "end";
        else if (name == tl1::key("r"))
            fields.hex(recording);
        else if (name == tl1::key("at"))
            fields.decimal(at);
    }
    if (!is_end || at != place)
        return {};
    return static_cast<std::uint32_t>(recording);
}

}  // namespace

bool is_recording(std::string_view start) {
    return start.starts_with("\x0a\x0d\x0d\x0a") &&
           (start.find("tl1 k=rec ") != std::string_view::npos ||
            start.find("tl1 k=if ") != std::string_view::npos);
}

// Backwards over the statistics that follow the last record; it is ours, so it is
// little-endian.
std::optional<std::uint32_t> only_recording_of(std::string_view tail, std::uint64_t offset) {
    constexpr std::size_t kFrame = 12;  // type, length, length again
    const auto u32 = [tail](std::size_t at) {
        return pcapng::Fields(bytes_of(tail).subspan(at), false).u32();
    };
    for (std::size_t end = tail.size(); end >= kFrame;) {
        const auto length = u32(end - 4);
        if (length < kFrame || length > end || u32(end - length + 4) != length)
            break;
        const auto start = end - length;
        const auto type = u32(start);
        if (type == pcapng::kJournal)
            return recording_that_ends_at(offset + start, tail.substr(start + 8, length - kFrame));
        if (type != pcapng::kStatistics)
            break;
        end = start;
    }
    return {};
}

std::vector<std::uint32_t> recordings_in(ByteSource& source) {
    using pcapng::BlockReader;
    std::vector<std::uint32_t> found;
    BlockReader blocks(source);
    for (pcapng::Block block; blocks.next(block) == BlockReader::Status::kBlock;) {
        const bool section = block.type == pcapng::kSectionHeader;
        if (!section && block.type != pcapng::kInterface)
            continue;
        pcapng::Fields fields(block.body, block.swapped);
        fields.bytes(section ? 16 : 8);
        const auto code = section ? pcapng::option::kComment : pcapng::option::kDescription;
        for (pcapng::Fields::Option option; fields.next(option);) {
            if (option.code == code)
                note(option.text(), found);
        }
    }
    return found;
}

}  // namespace tcpladder
