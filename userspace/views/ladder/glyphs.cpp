// SPDX-License-Identifier: MIT
#include "views/ladder/glyphs.h"

namespace tcpladder {

const LadderGlyphs& ladder_glyphs(bool utf8) {
    static constexpr LadderGlyphs kUtf8{.rail = "│",
                                        .rail_established = "┃",
                                        .rail_closed = "┊",
                                        .rail_pause = "┆",
                                        .from_left = "├",
                                        .from_left_established = "┠",
                                        .from_right = "┤",
                                        .from_right_established = "┨",
                                        .shaft = "─",
                                        .to_right = "▶",
                                        .to_left = "◀",
                                        .cross = "✗",
                                        .node = "●",
                                        .cut = "…"};
    static constexpr LadderGlyphs kAscii{.rail = "|",
                                         .rail_established = "|",
                                         .rail_closed = ":",
                                         .rail_pause = ":",
                                         .from_left = "|",
                                         .from_left_established = "|",
                                         .from_right = "|",
                                         .from_right_established = "|",
                                         .shaft = "-",
                                         .to_right = ">",
                                         .to_left = "<",
                                         .cross = "X",
                                         .node = "o",
                                         .cut = "~"};
    return utf8 ? kUtf8 : kAscii;
}

}  // namespace tcpladder
