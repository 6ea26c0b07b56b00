// SPDX-License-Identifier: MIT
#include "views/flag_letters.h"

#include <array>

#include "model/packet.h"

namespace tcpladder {
namespace {

struct Letter {
    std::uint16_t flag;
    char letter;
};

constexpr std::array<Letter, 9> kLetters{{
    {tcp_flag::kFin, 'F'},
    {tcp_flag::kSyn, 'S'},
    {tcp_flag::kRst, 'R'},
    {tcp_flag::kPsh, 'P'},
    {tcp_flag::kAck, '.'},
    {tcp_flag::kUrg, 'U'},
    {tcp_flag::kEce, 'E'},
    {tcp_flag::kCwr, 'W'},
    {tcp_flag::kAe, 'e'},
}};

}  // namespace

void append_flags(TextBuffer& out, std::uint16_t flags) {
    const std::size_t before = out.size();
    for (const auto& [flag, letter] : kLetters) {
        if ((flags & flag) != 0) {
            out.append(letter);
        }
    }
    if (out.size() == before) {
        out.append("none");
    }
}

}  // namespace tcpladder
