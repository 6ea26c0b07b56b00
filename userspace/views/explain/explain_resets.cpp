// SPDX-License-Identifier: MIT
// What the explainer says of resets, and of the kernel's reasons for them.
#include "views/explain/explainer.h"

#include <array>

namespace tcpladder {
namespace {

struct Reason {
    std::string_view name;  ///< enum sk_rst_reason, without its prefix
    Message message;
};

constexpr std::array<Reason, 6> kReasons{{
    {"TCP_ABORT_ON_CLOSE", Message::kReasonUnread},
    {"TCP_ABORT_ON_DATA", Message::kReasonLateData},
    {"TCP_ABORT_ON_LINGER", Message::kReasonLinger},
    {"TCP_STATE", Message::kReasonState},
    {"TCP_KEEPALIVE_TIMEOUT", Message::kReasonKeepalive},
    {"TCP_TIMEWAIT_SOCKET", Message::kReasonTimeWait},
}};

}  // namespace

void Explainer::on(const ResetEntry& reset) {
    const std::string_view name(reset.reason.data(), reset.reason.size());
    const std::string_view reason = name.substr(0, name.find('\0'));
    if (!reset.sent) {
        row_ = to_->reset_n;
        say(row_ != 0 ? Message::kResetAccepted : Message::kResetInside);
        return;
    }
    if (reason == "NO_SOCKET") {
        other_ = conversation_->only_unanswered(*to_);
        return say(Message::kReasonNoSocket);
    }
    row_ = from_->reset_n;
    if (row_ == 0 || reason.empty()) {
        say(Message::kResetSent);
    }
    say_reason(reason);
}

// RFC 9293 section 3.5.2: a RST that answers a segment takes its number from that
// segment's ACK and has none itself; one that answers a segment without ACK has
// the number 0 and acknowledges all of it. Any other is an end's own will, unless the
// end is watched and did not send it.
void Explainer::say_rst(const SegmentEntry& segment, std::uint64_t answered) {
    const bool ack = segment.tcp.has(tcp_flag::kAck);
    if (!segment.sent && from_->sends_seen) {
        say(Message::kRstForeign);
    } else if (!ack) {
        other_ = answered;
        say(Message::kRstAnswer);
    } else if (segment.tcp.seq == 0 && to_->syn.seen() && !from_->syn.seen()) {
        row_ = to_->syn.n;
        say(Message::kRstRefuses);
    } else {
        say(Message::kRstAbort);
    }
    row_ = 0;
    say_reason(segment.reset_reason);
}

// NO_SOCKET says no more than the sentence before it.
void Explainer::say_reason(std::string_view reason) {
    if (reason.empty() || reason == "NO_SOCKET" || from_->reason_told) {
        return;
    }
    from_->reason_told = true;
    for (const Reason& known : kReasons) {
        if (known.name == reason) {
            return say(known.message);
        }
    }
    reason_ = reason;
    say(Message::kReasonOther);
}

}  // namespace tcpladder
