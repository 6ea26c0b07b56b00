// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace tcpladder {

/// What the picture is drawn with. Each takes one column.
struct LadderGlyphs {
    std::string_view rail;              ///< there is a socket
    std::string_view rail_established;  ///< it may send and receive
    std::string_view rail_closed;       ///< there is none (any more)
    std::string_view rail_pause;        ///< beside a pause
    std::string_view from_left;         ///< an arrow begins at the left rail
    std::string_view from_left_established;
    std::string_view from_right;
    std::string_view from_right_established;
    std::string_view shaft;
    std::string_view to_right;
    std::string_view to_left;
    std::string_view cross;
    std::string_view node;  ///< a transition, on its rail
    std::string_view cut;
};

/// For a terminal that knows UTF-8, or one that knows ASCII only.
const LadderGlyphs& ladder_glyphs(bool utf8);

}  // namespace tcpladder
