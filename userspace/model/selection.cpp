// SPDX-License-Identifier: MIT
#include "model/selection.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace tcpladder {
namespace {

bool is_loopback(const Address& address) {
    static const auto kV6 = parse_address("::1");
    return (address.version == 4 && address.bytes[0] == 127) || address == kV6;
}

// Of those that can come undecided, and that decide.
const SocketEnds* ends_of(const Event& event, SocketEnds& room) {
    if (const auto* segment = std::get_if<Segment>(&event.body)) {
        room = {segment->tcp.source, segment->tcp.destination};
        return &room;
    }
    return std::visit(
        [](const auto& body) -> const SocketEnds* {
            if constexpr (requires { body.ends; })
                return &body.ends;
            return nullptr;
        },
        event.body);
}

std::uint64_t cookie_of(const Event& event) {
    return std::visit(
        [](const auto& body) -> std::uint64_t {
            if constexpr (requires { body.cookie; })
                return body.cookie;
            return 0;
        },
        event.body);
}

}  // namespace

// As the kernel side does (bpf/select.bpf.h): two namespaces may both have 127.0.0.1.
Selection::Flow Selection::flow_of(const Event& event, const SocketEnds& ends) {
    const auto rank = [](const Endpoint& end) { return std::tie(end.port, end.address); };
    const auto& [local, remote] = ends;
    const bool here_only = is_loopback(local.address) || is_loopback(remote.address);
    Flow flow{here_only ? event.netns : 0, local, remote};
    if (rank(flow.remote) < rank(flow.local))
        std::swap(flow.local, flow.remote);
    return flow;
}

void Selection::learn(const Event& event) {
    SocketEnds room;
    const auto* ends = ends_of(event, room);
    if (ends == nullptr)
        return;
    const bool named = ends->local.port != 0 && ends->remote.port != 0;
    const auto cookie = cookie_of(event);
    if (event.undecided) {
        if (named && cookie != 0 && std::holds_alternative<Segment>(event.body))
            syns_[cookie] = flow_of(event, *ends);
        return;
    }
    if (named)
        flows_[flow_of(event, *ends)] = event.time;
    if (cookie != 0)
        sockets_[cookie] = event.time;
}

void Selection::add(const Event& event) {
    undecided_ += event.undecided ? 1 : 0;
    if (undecided_ > 0)
        learn(event);
    waiting_.push_back(event);
}

bool Selection::is_asked_for(const Event& event) const {
    SocketEnds room;
    const auto* ends = ends_of(event, room);
    const auto cookie = cookie_of(event);
    if (!event.undecided || ends == nullptr || sockets_.contains(cookie))
        return true;
    if (flows_.contains(flow_of(event, *ends)))
        return true;
    const auto syn = syns_.find(cookie);
    return syn != syns_.end() && flows_.contains(syn->second);
}

void Selection::release(MonoNs until, const Take& take) {
    while (!waiting_.empty()) {
        auto& event = waiting_.front();
        const bool asked_for = is_asked_for(event);
        if (!asked_for && until < event.time + kWait)
            break;
        if (event.undecided) {
            --undecided_;
            if (std::holds_alternative<Segment>(event.body))
                syns_.erase(cookie_of(event));  // its connect() came before
        }
        event.undecided = false;
        if (asked_for)
            take(event);
        waiting_.pop_front();
    }
    forget();
}

void Selection::forget() {
    if (waiting_.empty()) {
        flows_.clear();
        sockets_.clear();
        return;
    }
    if (flows_.size() + sockets_.size() < forget_at_)
        return;
    const auto is_old = [&](const auto& item) { return item.second < waiting_.front().time; };
    std::erase_if(flows_, is_old);
    std::erase_if(sockets_, is_old);
    forget_at_ = kForget + 2 * (flows_.size() + sockets_.size());
}

MonoNs Selection::complete_until(MonoNs until) const {
    return waiting_.empty() ? until : std::min(until, waiting_.front().time);
}

}  // namespace tcpladder
