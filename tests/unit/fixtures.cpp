// SPDX-License-Identifier: MIT
#include "unit/fixtures.h"

namespace tcpladder::test {
namespace {

std::string letters(std::uint16_t flags) {
    std::string text;
    if ((flags & tcp_flag::kFin) != 0)
        text += 'F';
    if ((flags & tcp_flag::kSyn) != 0)
        text += 'S';
    if ((flags & tcp_flag::kRst) != 0)
        text += 'R';
    if ((flags & tcp_flag::kPsh) != 0)
        text += 'P';
    if ((flags & tcp_flag::kAck) != 0)
        text += '.';
    return text;
}

std::string role(const Side* side) {
    if (side == nullptr)
        return "-";
    return side->role == Role::kClient ? "client" : side->role == Role::kServer ? "server" : "?";
}

// Random ones need not have a NUL.
std::string up_to_nul(const ReasonName& reason) {
    return {reason.begin(), std::find(reason.begin(), reason.end(), '\0')};
}
std::string describe(const SegmentEntry& row) {
    auto text = letters(row.tcp.flags);
    if (row.relative_known)
        text += " " + std::to_string(row.rel_seq) + ":" + std::to_string(row.rel_end());
    if (row.relative_known && row.tcp.has(tcp_flag::kAck))
        text += " ack " + std::to_string(row.rel_ack);
    if (!row.sent)
        text += " (not seen sent)";
    if (!row.received)
        text += " (not seen received)";
    return text;
}

std::string describe(const StateEntry& row) {
    std::string text(name(row.from));
    text += ">";
    text += name(row.to);
    if (!row.observed)
        text += "*";
    text += " ";
    text += row.cause.type == CauseType::kUnknown ? "unknown" : row.cause.what;
    if (row.cause.n != 0)
        text += " #" + std::to_string(row.cause.n);
    return text;
}

std::string describe(const RetransmitEntry& row) {
    return "retransmit " + std::string(row.why);
}
std::string describe(const ResetEntry& row) {
    return std::string(row.sent ? "sends" : "gets") + " reset " + up_to_nul(row.reason);
}
std::string describe(const DropEntry& row) {
    const auto which = row.n != 0 ? " #" + std::to_string(row.n) : "";
    return "dropped" + which + " " + up_to_nul(row.reason);
}
std::string describe(const LostEntry& row) {
    return "lost " + std::to_string(row.count);
}
std::string describe(const NoteEntry& row) {
    return std::string(row.text);
}
std::string describe(const SummaryEntry&) {
    return "summary";
}

}  // namespace

void Rows::entry(const Entry& entry) {
    if (const auto* summary = std::get_if<SummaryEntry>(&entry.body)) {
        summaries.push_back(*summary->connection);
        summaries.back().client = summaries.back().server = nullptr;
        return;
    }
    texts.push_back(role(entry.side) + " " +
                    std::visit([](const auto& body) { return describe(body); }, entry.body));
    entries.push_back(entry);
    sides.push_back(entry.side != nullptr ? *entry.side : Side{});
}

void Kernel::state(TcpState from, TcpState to, const Endpoint& local, const Endpoint& remote,
                   std::uint64_t cookie, const Task& on_cpu, Via via, std::uint32_t error,
                   Seq rcv_nxt) {
    StateChange change;
    change.ends = {local, remote};
    change.task = on_cpu;
    change.cookie = cookie;
    change.from = from;
    change.to = to;
    change.via = via;
    change.error = error;
    change.rcv_nxt = rcv_nxt;
    add(change);
}

void Kernel::timer(Mini mini, TimerStep step, const Endpoint& local, const Endpoint& remote,
                   std::uint64_t cookie, TcpState substate) {
    if (!timers_)
        return;
    MiniState event;
    event.ends = {local, remote};
    event.cookie = cookie;
    event.mini = mini;
    event.step = step;
    event.substate = substate;
    add(event);
}

void Kernel::listens() {
    state(TcpState::kClose, TcpState::kListen, kServer, {}, 1, kServerTask);
}

// The port is chosen after the state has changed.
void Kernel::connects() {
    Endpoint unbound = kClient;
    unbound.port = 0;
    state(TcpState::kClose, TcpState::kSynSent, unbound, kServer, 2, kClientTask);
    passes({kClient, kServer, tcp_flag::kSyn, kJ, 0, 0, kLoopback, 11, 2, TcpState::kSynSent});
}

// All of it runs in the client's context on loopback.
void Kernel::accepts() {
    timer(Mini::kRequest, TimerStep::kStart, kServer, kClient);
    passes({kServer, kClient, tcp_flag::kSyn | tcp_flag::kAck, kK, kJ + 1, 0, kLoopback, 12, 0,
            TcpState::kNewSynRecv});
    state(TcpState::kSynSent, TcpState::kEstablished, kClient, kServer, 2, kClientTask);
    passes({kClient, kServer, tcp_flag::kAck, kJ + 1, kK + 1, 0, kLoopback, 13, 2});
    state(TcpState::kListen, TcpState::kSynRecv, kServer, kClient, 3, kClientTask);
    timer(Mini::kRequest, TimerStep::kCancel, kServer, kClient);
    state(TcpState::kSynRecv, TcpState::kEstablished, kServer, kClient, 3, kClientTask);
}

void Kernel::replies() {
    passes(
        {kServer, kClient, tcp_flag::kPsh | tcp_flag::kAck, kK + 1, kJ + 1, 26, kLoopback, 14, 3});
    passes({kClient, kServer, tcp_flag::kAck, kJ + 1, kK + 27, 0, kLoopback, 15, 2});
}

void Kernel::server_closes() {
    state(TcpState::kEstablished, TcpState::kFinWait1, kServer, kClient, 3, kServerTask,
          Via::kClose);
    passes({kServer, kClient, tcp_flag::kFin | tcp_flag::kAck, kK + 27, kJ + 1, 0, kLoopback, 16, 3,
            TcpState::kFinWait1});
    state(TcpState::kEstablished, TcpState::kCloseWait, kClient, kServer, 2, kServerTask);
}

void Kernel::client_closes() {
    state(TcpState::kCloseWait, TcpState::kLastAck, kClient, kServer, 2, kClientTask, Via::kClose);
    passes({kClient, kServer, tcp_flag::kFin | tcp_flag::kAck, kJ + 1, kK + 28, 0, kLoopback, 17, 2,
            TcpState::kLastAck});
    state(TcpState::kFinWait1, TcpState::kFinWait2, kServer, kClient, 3, kClientTask);
    sent({kServer, kClient, tcp_flag::kAck, kK + 28, kJ + 2, 0, kLoopback, 18, 3,
          TcpState::kFinWait2});
    timer(Mini::kTimeWait, TimerStep::kStart, kServer, kClient, 3, TcpState::kTimeWait);
    state(TcpState::kFinWait2, TcpState::kClose, kServer, kClient, 3, kClientTask, Via::kSegment, 0,
          kJ + 2);
    received({kServer, kClient, tcp_flag::kAck, kK + 28, kJ + 2, 0, kLoopback, 18});
    state(TcpState::kLastAck, TcpState::kClose, kClient, kServer, 2, kClientTask, Via::kSegment);
}

}  // namespace tcpladder::test
