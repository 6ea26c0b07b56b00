// SPDX-License-Identifier: MIT
#include "views/summary_words.h"

#include <array>

namespace tcpladder {
namespace {

std::string_view the(Who who) {
    switch (who) {
        case Who::kClient:
            return "the client";
        case Who::kServer:
            return "the server";
        case Who::kBoth:
            return "both ends";
        case Who::kUnknown:
            break;
    }
    return "an end";
}

Who other(Who who) {
    return who == Who::kClient ? Who::kServer : who == Who::kServer ? Who::kClient : who;
}

std::string_view failed_opening(Handshake handshake, CloseForm close) {
    switch (handshake) {
        case Handshake::kRefused:
            return "Refused: nobody listens at the server's port, or a filter answers for it.";
        case Handshake::kNoAnswer:
            if (close == CloseForm::kUnseen)  // its end has another cause: its own row tells
                return "It ended before the SYN was answered.";
            return "Nobody answered the SYN: the server is away, or the way is filtered.";
        case Handshake::kUnfinished:
            return "The handshake was never finished.";
        default:
            return {};
    }
}

void append_orderly(TextBuffer& out, const ConnectionSummary& connection) {
    const auto again = connection.of_client.retransmits + connection.of_server.retransmits;
    out.append("Orderly: both ends closed");
    if (again == 0) {
        out.append(", and nothing was sent twice.");
        return;
    }
    out.append(", but ");
    out.append_decimal(again);
    out.append(again == 1 ? " segment was sent again." : " segments were sent again.");
}

void append_end(TextBuffer& out, const ConnectionSummary& connection) {
    switch (connection.close) {
        case CloseForm::kOpen:
            out.append("Still open when the trace ended.");
            return;
        case CloseForm::kHalfOpen:
            out.append("Half closed when the trace ended: ");
            out.append(the(other(connection.closed_by)));
            out.append(" has sent no FIN.");
            return;
        case CloseForm::kReset:
            out.append("Aborted: a RST of ");
            out.append(the(connection.reset_by));
            out.append(" ended it, and what was under way is lost.");
            return;
        case CloseForm::kTimeout:
            out.append("Given up by ");
            out.append(the(connection.closed_by));
            out.append(": nobody answered any more.");
            return;
        case CloseForm::kUnseen:
            out.append("It ended, but no FIN and no RST of its end was seen.");
            return;
        default:
            append_orderly(out, connection);
    }
}

}  // namespace

std::string_view word(Who who) {
    constexpr std::array<std::string_view, 4> kWords{"", "client", "server", "both"};
    return kWords[static_cast<std::size_t>(who)];
}

std::string_view word(Handshake handshake) {
    constexpr std::array<std::string_view, 7> kWords{
        "not seen", "three-way", "simultaneous", "fast open", "refused", "no answer", "unfinished"};
    return kWords[static_cast<std::size_t>(handshake)];
}

std::string_view word(CloseForm close) {
    constexpr std::array<std::string_view, 9> kWords{
        "open",      "four segments", "three segments", "simultaneous", "half-close",
        "half-open", "reset",         "timeout",        "unseen"};
    return kWords[static_cast<std::size_t>(close)];
}

void append_verdict(TextBuffer& out, const ConnectionSummary& connection) {
    const auto failure = failed_opening(connection.handshake, connection.close);
    if (!failure.empty())
        out.append(failure);
    else
        append_end(out, connection);
    if (connection.handshake == Handshake::kNotSeen)
        out.append(" Its beginning was not seen.");
    if (connection.gap)
        out.append(" Uncertain: events were lost in its time, and any of this may be wrong.");
}

}  // namespace tcpladder
