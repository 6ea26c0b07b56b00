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

}  // namespace

bool is_recording(std::string_view start) {
    return start.starts_with("\x0a\x0d\x0d\x0a") &&
           (start.find("tl1 k=rec ") != std::string_view::npos ||
            start.find("tl1 k=if ") != std::string_view::npos);
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
