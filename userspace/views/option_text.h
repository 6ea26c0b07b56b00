// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "model/entry.h"
#include "views/tcpdump_line.h"
#include "views/tcpdump_numbers.h"

namespace tcpladder {

/// TCP options in wire order, as tcpdump writes them between its brackets:
/// `mss 65495,sackOK,TS val 1 ecr 0,nop,wscale 7`. The edges of SACK blocks are
/// absolute; an option that does not fit ends the text with `[bad opt]`.
class OptionText {
public:
    /// Empty if the segment has none; valid until the next call.
    std::string_view of(const SegmentEntry& segment);

private:
    TcpdumpLine line_;
    TcpdumpNumbers numbers_;  // stays empty: options need no relative numbers
};

}  // namespace tcpladder
