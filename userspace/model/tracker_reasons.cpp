// SPDX-License-Identifier: MIT
// What the kernel says of a segment beside the segment itself: why it was sent again,
// and why a RST was sent.
#include "model/tracker.h"

namespace tcpladder {
namespace {

/// An event about a segment comes within microseconds of it, and from the same CPU.
constexpr MonoNs kSoon = 1'000'000;
/// Different reasons that are kept: the kernel has fewer.
constexpr std::size_t kReasons = 256;

std::optional<Note> reason_of(const Retransmit& retransmit) {
    constexpr std::uint8_t kRecovery = 3;
    constexpr std::uint8_t kLoss = 4;
    if (retransmit.syn_ack)
        return Note::kSynAckTimeout;
    if (retransmit.state == TcpState::kSynSent)
        return Note::kSynTimeout;
    if (retransmit.ca_state == kLoss)
        return Note::kRto;
    // Also while a probe's timer runs, which new data just before may have started: a probe
    // itself is sent in no such state (tcp_schedule_loss_probe, Linux 6.18).
    if (retransmit.ca_state == kRecovery)
        return Note::kFast;
    if (retransmit.timer == static_cast<std::uint8_t>(RetransmitTimer::kTlp))
        return Note::kTlp;
    return std::nullopt;
}

std::string_view text_of(std::optional<Note> reason) {
    if (!reason)
        return "unknown";
    switch (*reason) {
        case Note::kSynAckTimeout:
            return "SYN+ACK timeout";
        case Note::kTlp:
            return "TLP";
        case Note::kSynTimeout:
            return "SYN timeout";
        case Note::kRto:
            return "RTO";
        default:
            return "fast";
    }
}

bool overlaps(const Retransmit& retransmit, const TcpHeader& tcp) {
    return seq_before(retransmit.seq, tcp.end()) && seq_before(tcp.seq, retransmit.end);
}

}  // namespace

void Tracker::on(const Event& event, const Retransmit& retransmit) {
    auto& side = known_or_open(event, retransmit.cookie, retransmit.ends);
    connections_.number(*side.connection);
    auto* segment = side.active().unexplained != nullptr
                        ? std::get_if<SegmentEntry>(&side.active().unexplained->entry.body)
                        : nullptr;
    const bool found = segment != nullptr && overlaps(retransmit, segment->tcp);
    const bool answers_syn = found && retransmit.syn_ack && side.answers_syn;
    const auto reason = answers_syn ? std::nullopt : reason_of(retransmit);
    timeline_.push(event.time, &side).entry.body =
        RetransmitEntry{retransmit.seq, retransmit.end,
                        answers_syn ? "repeated SYN" : text_of(reason), retransmit.error};
    if (!found)
        return;
    segment->notes.add(Note::kRetransmission);
    segment->notes.remove(Note::kOutOfOrder);  // what was inferred without this word
    segment->notes.remove(Note::kFast);
    segment->notes.remove(Note::kSynTimeout);
    if (reason)
        segment->notes.add(*reason);
    explained(side);
}

// A RST in answer to a segment: before it is sent. A RST of the socket's own: after.
void Tracker::on(const Event& event, const Reset& reset) {
    auto& side = known_or_open(event, 0, reset.ends);
    connections_.number(*side.connection);
    const auto& received = side.active().received;
    const bool by_data =
        !reset.sent && received.reset == 0 && received.data != 0 && received.data == received.last;
    timeline_.push(event.time, &side).entry.body = ResetEntry{reset.sent, reset.reason, by_data};
    if (!reset.sent) {
        if (side.active().received.reset != 0)
            side.active().reset_id = side.active().received.reset;
        return;
    }
    const auto reason = kept_reason({reset.reason.data(), reset.reason.size()});
    auto* segment = side.active().unexplained != nullptr
                        ? std::get_if<SegmentEntry>(&side.active().unexplained->entry.body)
                        : nullptr;
    if (segment != nullptr && segment->tcp.has(tcp_flag::kRst)) {
        segment->reset_reason = reason;
        explained(side);
        return;
    }
    side.active().reset_reason = reason;
    side.active().reset_sent_at = event.time;
}

// Rows point to it, and those who keep rows.
std::string_view Tracker::kept_reason(std::string_view reason) {
    reason = reason.substr(0, reason.find('\0'));
    for (const auto& known : reset_reasons_) {
        if (known == reason)
            return known;
    }
    if (reset_reasons_.size() >= kReasons)
        return {};
    return reset_reasons_.emplace_back(reason);
}

// The segment has just been sent: what tells of its reason has come, or will.
void Tracker::await_reason(PendingEntry& pending, SocketSide& side) {
    auto& row = std::get<SegmentEntry>(pending.entry.body);
    if (row.tcp.has(tcp_flag::kRst)) {
        const bool told = pending.entry.time - side.active().reset_sent_at < kSoon;
        row.reset_reason = told ? side.active().reset_reason : std::string_view{};
        side.active().reset_reason = {};
        if (!row.reset_reason.empty())
            return;
    } else if (!row.notes.has(Note::kRetransmission) && !row.notes.has(Note::kOutOfOrder)) {
        return;
    }
    explained(side);  // the one before: nobody has told
    side.active().unexplained = &pending;
    if (pending.wait == Wait::kNothing)
        pending.wait = Wait::kReason;
}

void Tracker::explained(SocketSide& side) {
    if (side.active().unexplained == nullptr)
        return;
    if (side.active().unexplained->wait == Wait::kReason)
        side.active().unexplained->wait = Wait::kNothing;
    side.active().unexplained = nullptr;
}

}  // namespace tcpladder
