// SPDX-License-Identifier: MIT
#include "views/option_text.h"

#include "views/tcpdump_options.h"

namespace tcpladder {
namespace {

constexpr std::string_view kOpening = ", options [";

}  // namespace

std::string_view OptionText::of(const SegmentEntry& segment) {
    const auto options = segment.option_bytes();
    if (options.empty()) {
        return {};
    }
    static constexpr Format kFormat;
    line_.clear();
    TcpdumpPacket packet(options, kFormat, line_, numbers_);
    const TcpdumpOptionList list{.at = 0,
                                 .size = options.size(),
                                 .sack_base = 0,
                                 .flags = static_cast<std::uint8_t>(segment.tcp.flags),
                                 .has_payload = segment.tcp.payload != 0};
    const bool whole = print_tcp_options(packet, list);
    if (packet.truncated()) {
        line_.reopen();
        line_.put("[bad opt]");
    }
    std::string_view text = line_.text().substr(kOpening.size());
    // tcpdump does not close the bracket if the first option is the bad one.
    if (whole || text.ends_with("]]")) {
        text.remove_suffix(1);
    }
    return text;
}

}  // namespace tcpladder
