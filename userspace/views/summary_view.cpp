// SPDX-License-Identifier: MIT
#include "views/summary_view.h"

#include <algorithm>
#include <array>

#include "views/printable.h"
#include "views/row_time.h"
#include "views/summary_words.h"
#include "views/wrap.h"

namespace tcpladder {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kLabel = 14;   // where the text begins,
constexpr std::size_t kClient = 34;  // and where the columns of numbers end
constexpr std::size_t kServer = 56;

constexpr std::array kStates{TcpState::kSynSent,   TcpState::kSynRecv,  TcpState::kEstablished,
                             TcpState::kFinWait1,  TcpState::kFinWait2, TcpState::kClosing,
                             TcpState::kCloseWait, TcpState::kLastAck,  TcpState::kTimeWait};

/// Nothing, if it never was in it.
void append_time_in(TextBuffer& out, const EndSummary& end, TcpState state) {
    MonoNs sum = 0;
    bool was_in = false;
    for (const auto& time : end.states()) {
        if (time.state != state)
            continue;
        was_in = true;
        sum += time.ns;
    }
    if (was_in) {
        append_ms(out, sum);
        out.append(" ms");
    }
}

void append_by(TextBuffer& out, Who who) {
    if (who == Who::kUnknown)
        return;
    out.append(who == Who::kBoth ? "by both ends, " : "by the ");
    out.append(who == Who::kBoth ? "" : word(who));
    out.append(who == Who::kBoth ? "" : ", ");
}

}  // namespace

SummaryView::SummaryView(Output& output, const Format& format)
    : output_(output), color_(format.color) {}

void SummaryView::entry(const Entry& entry) {
    const auto* summary = std::get_if<SummaryEntry>(&entry.body);
    if (summary == nullptr || summary->connection == nullptr)
        return;
    const auto& connection = *summary->connection;
    all_.clear();
    line_.clear();
    line_.style(Style::kState);
    line_.append("connection ");
    line_.text().append_decimal(connection.client->connection);
    end_line();
    append_side("client", *connection.client);
    append_side("server", *connection.server);
    append_opening(connection);
    append_closing(connection);
    append_counts(connection);
    append_states(connection);
    append_odd(connection);
    text_.clear();
    append_verdict(text_, connection);
    append_wrapped("verdict", text_.view());
    all_.append('\n');
    output_.write(all_.view());
}

void SummaryView::append_side(std::string_view label, const Side& side) {
    line_.append("  ");
    line_.append(label);
    line_.pad_to(kLabel);
    auto& out = line_.text();
    out.set_end(format_to(out.room(kMaxEndpointText), side.local));
    if (side.owner.pid != 0) {
        line_.append("  ");
        const PrintableName name(side.owner.name(), false);
        for (const auto& glyph : name.head())
            line_.append(glyph);
        line_.append("[");
        line_.text().append_decimal(side.owner.pid);
        line_.append("]");
    }
    end_line();
}

void SummaryView::append_opening(const ConnectionSummary& connection) {
    text_.clear();
    append_by(text_, connection.opened_by);
    text_.append(word(connection.handshake));
    if (connection.handshake_ns) {
        text_.append(" in ");
        append_ms(text_, *connection.handshake_ns);
        text_.append(" ms");
    }
    append_wrapped("opened", text_.view());
}

void SummaryView::append_closing(const ConnectionSummary& connection) {
    text_.clear();
    append_by(text_, connection.closed_by);
    text_.append(word(connection.close));
    if (connection.lifetime_ns) {
        text_.append(", after ");
        append_ms(text_, *connection.lifetime_ns);
        text_.append(" ms");
    }
    append_wrapped("closed", text_.view());
}

void SummaryView::append_counts(const ConnectionSummary& connection) {
    const auto& client = connection.of_client;
    const auto& server = connection.of_server;
    const auto row = [&](std::string_view label, std::uint64_t of_client, std::uint64_t of_server) {
        client_.clear();
        server_.clear();
        client_.append_decimal(of_client);
        server_.append_decimal(of_server);
        append_row(label, client_.view(), server_.view());
    };
    append_row("", "client", "server");
    row("bytes sent", client.bytes, server.bytes);
    row("segments", client.segments, server.segments);
    if (client.retransmits + server.retransmits > 0)
        row("sent again", client.retransmits, server.retransmits);
}

void SummaryView::append_states(const ConnectionSummary& connection) {
    for (const auto state : kStates) {
        client_.clear();
        server_.clear();
        append_time_in(client_, connection.of_client, state);
        append_time_in(server_, connection.of_server, state);
        if (!client_.empty() || !server_.empty())
            append_row(name(state), client_.view(), server_.view());
    }
}

void SummaryView::append_odd(const ConnectionSummary& connection) {
    text_.clear();
    for (unsigned i = 0; i < kNoteCount; ++i) {
        if (connection.notes[i] == 0)
            continue;
        text_.append(text_.empty() ? "" : ", ");
        text_.append_decimal(connection.notes[i]);
        text_.append(' ');
        text_.append(word(static_cast<Note>(i)));
    }
    if (!text_.empty())
        append_wrapped("odd", text_.view());
}

void SummaryView::append_row(std::string_view label, std::string_view client,
                             std::string_view server) {
    line_.append("  ");
    line_.append(label);
    line_.pad_to(std::max(kLabel, kClient - std::min(client.size(), kClient)));
    line_.append(client);
    if (!server.empty()) {
        line_.pad_to(kServer - std::min(server.size(), kServer - kClient - 1));
        line_.append(server);
    }
    end_line();
}

void SummaryView::append_wrapped(std::string_view label, std::string_view text) {
    while (!text.empty()) {
        line_.append("  ");
        line_.append(label);
        line_.pad_to(kLabel);
        line_.append(take_line(text, kColumns - kLabel));
        end_line();
        label = {};
    }
}

// Blanks at the end are of no use to anybody.
void SummaryView::end_line() {
    line_.cut(kColumns, "~");
    row_.clear();
    line_.append_to(row_, color_);
    all_.append(row_.view());
    all_.append('\n');
    line_.clear();
}

}  // namespace tcpladder
