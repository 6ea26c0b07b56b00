// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "model/entry.h"
#include "support/text_buffer.h"

namespace tcpladder {

/// One line of CSV (RFC 4180) after the other. Cells that are not known stay empty.
class CsvLine {
public:
    void number(std::uint64_t value);
    void signed_number(std::int64_t value);
    /// Words of ours: no quotes needed.
    void word(std::string_view value);
    /// The same, but there may be a comma in it.
    void phrase(std::string_view value);
    /// A task's name, hostile text: in quotes, and what would do something to a terminal as \xHH.
    void name(std::string_view value);
    void endpoint(const Endpoint& endpoint);
    void nothing();
    TextBuffer& cell();

    /// The line with its end; begins the next one.
    std::string_view finish();

private:
    TextBuffer text_;
    bool first_ = true;
    bool finished_ = false;
};

}  // namespace tcpladder
