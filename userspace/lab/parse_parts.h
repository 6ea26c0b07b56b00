// SPDX-License-Identifier: MIT
// The parts of the language: each reads its words and leaves the rest.
#pragma once

#include "lab/scenario.h"
#include "lab/words.h"

namespace tcpladder::lab {

Host parse_host_word(Words& words);
/// `SYN`, `SYN+ACK`, `data`, …
Kind parse_kind(Words& words);
/// tcpdump's letters, `S.`, `P.`, or names, `SYN+ACK`, as tcp_flag.
std::uint16_t parse_flags(Words& words);
TcpState parse_state(Words& words);
std::chrono::nanoseconds parse_time(Words& words);
/// An errno by its name.
int parse_error_name(Words& words);
/// `ECONNREFUSED`; a number if it has no name here.
std::string error_name(int error);

/// After `client` or `server`, perhaps `.NAME`: the rest of the line.
void parse_actor_step(Words& words, std::string_view actor, Step& step);
/// After `wire`.
void parse_wire_step(Words& words, Step& step);
/// After `wait`.
void parse_wait_step(Words& words, Step& step);
/// After `expect`. True: indented lines follow, for parse_expected_line().
bool parse_expectation(Words& words, Expectation& expectation);
void parse_expected_line(Words& words, Expectation& expectation, const std::string& text);

}  // namespace tcpladder::lab
