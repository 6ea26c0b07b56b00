// SPDX-License-Identifier: MIT
#include "views/csv_connections_view.h"

namespace tcpladder {
namespace {

std::string_view comm_of(const std::array<char, 16>& comm) {
    const std::string_view all(comm.data(), comm.size());
    return all.substr(0, all.find('\0'));
}

}  // namespace

void CsvConnectionsView::begin(const TraceInfo& info) {
    clock_ = WallTime(WallTime::Zone::kUtc, info.wall_offset);
    output_.write(
        "conn,first,last,lifetime_ns,client,client_pid,client_comm,client_state,client_segments,"
        "client_bytes,client_retransmits,client_resets,server,server_pid,server_comm,server_state,"
        "server_segments,server_bytes,server_retransmits,server_resets\n");
}

CsvConnectionsView::End& CsvConnectionsView::end_of(Connection& connection, const Side& side) {
    auto& [client, server] = connection.ends;
    const bool is_client =
        side.role == Role::kClient || (side.role == Role::kUnknown && server.name != side.local);
    auto& end = is_client ? client : server;
    auto& other = is_client ? server : client;
    end.name = side.local;
    other.name = side.remote;
    if (side.owner.pid != 0) {
        end.pid = side.owner.pid;
        end.comm = side.owner.comm;
    }
    return end;
}

void CsvConnectionsView::entry(const Entry& entry) {
    if (entry.side == nullptr || entry.side->connection == 0 ||
        std::holds_alternative<SummaryEntry>(entry.body))
        return;
    const auto [found, is_new] = connections_.try_emplace(entry.side->connection);
    auto& connection = found->second;
    if (is_new)
        connection.first = entry.time;
    connection.last = entry.time;
    auto& end = end_of(connection, *entry.side);
    if (const auto* segment = std::get_if<SegmentEntry>(&entry.body)) {
        ++end.segments;
        end.bytes += segment->tcp.payload;
    } else if (const auto* state = std::get_if<StateEntry>(&entry.body)) {
        end.state = state->to;
    } else if (std::holds_alternative<RetransmitEntry>(entry.body)) {
        ++end.retransmits;
    } else if (const auto* reset = std::get_if<ResetEntry>(&entry.body)) {
        end.resets += reset->sent ? 1 : 0;
    }
}

void CsvConnectionsView::append(const End& end) {
    line_.endpoint(end.name);
    end.pid != 0 ? line_.number(end.pid) : line_.nothing();
    line_.name(comm_of(end.comm));
    end.state != TcpState::kUnknown ? line_.word(name(end.state)) : line_.nothing();
    line_.number(end.segments);
    line_.number(end.bytes);
    line_.number(end.retransmits);
    line_.number(end.resets);
}

void CsvConnectionsView::end() {
    for (const auto& [number, connection] : connections_) {
        line_.number(number);
        clock_.append_rfc3339(line_.cell(), connection.first);
        clock_.append_rfc3339(line_.cell(), connection.last);
        line_.signed_number(time_difference(connection.last, connection.first));
        append(connection.ends[0]);
        append(connection.ends[1]);
        output_.write(line_.finish());
    }
    connections_.clear();
}

}  // namespace tcpladder
