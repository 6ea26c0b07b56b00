// SPDX-License-Identifier: MIT
// A record of the kernel side. What is accepted can be recorded, and read again.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "bpf/events.h"
#include "capture/decode.h"
#include "fuzz/require.h"
#include "recording/event_text.h"
#include "recording/tl1.h"
#include "unit/event_fields.h"

namespace tcpladder::test {
namespace {

const CallChains kChains([](const auto& take) {
    take("ffffffff81000000 T __tcp_close");
    take("ffffffff81000100 t tcp_rcv_state_process.isra.0");
    take("ffffffff81000200 T unrelated");
});
const EnumNames kReasons = {"NOT_SPECIFIED", "", "NO_SOCKET"};
const EnumNames kDropReasons = {"NOT_SPECIFIED", "TCP_CSUM"};
const Disguise kDisguise(0x0123456789abcdef);

void check(std::span<const std::byte> record) {
    Event event;
    if (!Decoder(kChains, kReasons, kDropReasons).decode(record, event).empty())
        return;
    if (const auto* segment = std::get_if<Segment>(&event.body)) {
        require(segment->captured <= segment->headers.size(), "headers fit");
        require(segment->tcp.header_bytes <= 2 * kMaxHeaderBytes, "offsets make sense");
    }
    TextBuffer message;
    write_message(message, event);
    TextBuffer line;
    tl1::put_start(line, kind_of(event), 1, 2);
    write_fields(line, event, kDisguise);
    Event again = event;
    tl1::Fields fields(line.view());
    const auto problem = std::holds_alternative<Segment>(event.body)
                             ? read_segment_fields(fields, again)
                             : read_fields(tl1::key(kind_of(event)), fields, again);
    require(problem.empty(), "what we write we can read");
    if (std::holds_alternative<Segment>(event.body))
        std::get<Segment>(again.body).skb = kDisguise(std::get<Segment>(event.body).skb);
    require_equal(fields_of(disguised(event, kDisguise)), fields_of(again), "the event");
}

}  // namespace
}  // namespace tcpladder::test

// The version and the size are put right: they are the first that is looked at, and hard to guess.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<std::byte> record(size);  // of its very size, so that reading past it shows
    if (size > 0)
        std::memcpy(record.data(), data, size);
    tcpladder::test::check(record);
    if (size >= sizeof(tl_header)) {
        tl_header header;
        std::memcpy(&header, data, sizeof(header));
        header.size = static_cast<__u16>(size);
        header.version = TL_EVENT_VERSION;
        std::memcpy(record.data(), &header, sizeof(header));
        tcpladder::test::check(record);
    }
    return 0;
}
