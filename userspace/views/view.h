// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/entry.h"
#include "views/explain/language.h"

namespace tcpladder {

/// Where a view's text goes: one buffer, written out by its owner in large
/// pieces, so that a row costs no system call and no allocation.
class Output {
public:
    virtual ~Output() = default;
    /// Appends; the text may be written at any later moment.
    virtual void write(std::string_view text) = 0;
};

/// How times are printed: tcpdump's -t, -tt, …; kDefault is the view's own.
enum class TimeStyle : std::uint8_t {
    kDefault,     ///< tcpdump: HH:MM:SS.ffffff local; lines: ms since the first entry
    kNone,        ///< -t
    kEpoch,       ///< -tt: seconds since 1970
    kDelta,       ///< -ttt: since the previous row
    kDate,        ///< -tttt: date and time, local
    kSinceFirst,  ///< -ttttt: since the first row
};

/// Choices of display; a view uses those that mean something to it.
struct Format {
    TimeStyle time = TimeStyle::kDefault;
    bool absolute = false;  ///< -S: no relative sequence numbers
    bool quiet = false;     ///< -q
    unsigned verbose = 0;   ///< -v: 1
    bool number = false;    ///< -#
    bool color = false;
    bool utf8 = false;
    std::size_t width = 100;  ///< columns that the ladder may take
    bool interleave = false;  ///< ladder: rows of all conversations in the order of time
    std::vector<std::uint32_t> conversations;  ///< ladder: only these numbers; empty: all
    std::optional<Language> explain;           ///< a sentence under each row; not for programs
};

/// A way of showing the timeline. Given entries in final order.
class View : public EntrySink {
public:
    /// Before the first entry.
    virtual void begin(const TraceInfo& info) = 0;
    /// Nothing more will come before `time` is over: a view that holds rows back
    /// (to reorder them) may let go of what is older. Then, at the end, end().
    virtual void advance(MonoNs /*time*/) {}
    virtual void end() = 0;
};

}  // namespace tcpladder
