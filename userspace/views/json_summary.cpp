// SPDX-License-Identifier: MIT
#include "views/json_summary.h"

#include "views/json_text.h"
#include "views/summary_words.h"

namespace tcpladder {
namespace {

void append_word(TextBuffer& out, std::string_view key, std::string_view word) {
    if (word.empty())
        return;
    out.append(key);
    out.append('"');
    out.append(word);
    out.append('"');
}

void append_ns(TextBuffer& out, std::string_view key, const std::optional<MonoNs>& ns) {
    if (!ns)
        return;
    out.append(key);
    out.append_signed(*ns);
}

void append_number(TextBuffer& out, std::string_view key, std::uint64_t number) {
    out.append(key);
    out.append_decimal(number);
}

/// `[["SYN_SENT",84000],…]`
void append_states(TextBuffer& out, std::string_view key, const EndSummary& end) {
    if (end.state_count == 0)
        return;
    out.append(key);
    char before = '[';
    for (const auto& time : end.states()) {
        out.append(before);
        out.append(R"([")");
        out.append(name(time.state));
        out.append(R"(",)");
        out.append_signed(time.ns);
        out.append(']');
        before = ',';
    }
    out.append(']');
}

void append_odd(TextBuffer& out, const ConnectionSummary& connection) {
    std::string_view before = R"(,"odd":{")";
    bool any = false;
    for (unsigned i = 0; i < kNoteCount; ++i) {
        if (connection.notes[i] == 0)
            continue;
        out.append(before);
        out.append(word(static_cast<Note>(i)));
        out.append(R"(":)");
        out.append_decimal(connection.notes[i]);
        before = R"(,")";
        any = true;
    }
    out.append(any ? "}" : "");
}

}  // namespace

void append_summary(TextBuffer& out, const ConnectionSummary& connection) {
    const auto& client = connection.of_client;
    const auto& server = connection.of_server;
    append_word(out, R"(,"opened_by":)", word(connection.opened_by));
    append_word(out, R"(,"closed_by":)", word(connection.closed_by));
    append_word(out, R"(,"handshake":)", word(connection.handshake));
    append_word(out, R"(,"close":)", word(connection.close));
    append_ns(out, R"(,"handshake_ns":)", connection.handshake_ns);
    append_ns(out, R"(,"lifetime_ns":)", connection.lifetime_ns);
    append_number(out, R"(,"bytes_sent":)", client.bytes);
    append_number(out, R"(,"bytes_received":)", server.bytes);
    append_number(out, R"(,"segments_sent":)", client.segments);
    append_number(out, R"(,"segments_received":)", server.segments);
    append_number(out, R"(,"retransmits":)", client.retransmits + server.retransmits);
    append_states(out, R"(,"states":)", client);
    append_states(out, R"(,"peer_states":)", server);
    append_odd(out, connection);
    out.append(connection.gap ? R"(,"gap":true)" : "");
    out.append(R"(,"verdict":")");
    append_verdict(out, connection);
    out.append('"');
}

}  // namespace tcpladder
