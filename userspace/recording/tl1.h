// SPDX-License-Identifier: MIT
// The text lines that carry our facts in a pcapng file, in the comment of a packet
// or in a journal block:
//
//   tl1 k=state r=1a2b3c4d n=12 t=1790000000000000000 old=LISTEN new=SYN_RECV …
//
// Printable ASCII, single spaces, keys [a-z0-9_]{1,8}. A value is bare if it is made
// of [A-Za-z0-9_.:/@+,[]-] only; else it stands in quotes, and quote, backslash and
// every byte outside of printable ASCII in it are \xHH. Unknown keys are ignored,
// unknown kinds skipped; an incompatible change becomes tl2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "support/text_buffer.h"

namespace tcpladder::tl1 {

inline constexpr std::string_view kPrefix = "tl1 ";
inline constexpr std::size_t kMaxKey = 8;

/// A key as a number, for switch. Longer than kMaxKey: 0, which is no key.
constexpr std::uint64_t key(std::string_view name) {
    std::uint64_t packed = 0;
    if (name.size() > kMaxKey)
        return 0;
    for (const char c : name)
        packed = (packed << 8) | static_cast<std::uint8_t>(c);
    return packed;
}

/// Appends ` key=value`. The key is given with its space and equals sign: ` sk=`.
void put_decimal(TextBuffer& out, std::string_view key, std::uint64_t value);
void put_signed(TextBuffer& out, std::string_view key, std::int64_t value);
void put_hex(TextBuffer& out, std::string_view key, std::uint64_t value);
void put_text(TextBuffer& out, std::string_view key, std::string_view value);
/// Appends `tl1 k=kind r=rrrrrrrr n=N`.
void put_start(TextBuffer& out, std::string_view kind, std::uint32_t recording, std::uint64_t n);

/// Whether the value needs no quotes.
bool is_bare(std::string_view value);

struct Field {
    std::uint64_t key = 0;  ///< key() of its name
    std::string_view value;  ///< bare, or what stood between the quotes, still escaped
};

/// Walks over the fields of a line, without copying it.
class Fields {
public:
    /// A line that does not start with kPrefix has no fields.
    explicit Fields(std::string_view line);
    bool is_ours() const { return ours_; }
    /// False: there are no more, or what follows is no field.
    bool next(Field& field);
    bool malformed() const { return malformed_; }

private:
    bool fail();

    std::string_view rest_;
    bool ours_ = false;
    bool malformed_ = false;
};

/// Nothing if it is no such number, or too large.
std::optional<std::uint64_t> decimal(std::string_view value);
std::optional<std::int64_t> signed_decimal(std::string_view value);
std::optional<std::uint64_t> hex(std::string_view value);
/// The value's bytes, \xHH undone, into `out`; returns how many, at most `size`.
std::size_t unescape(std::string_view value, char* out, std::size_t size);
std::string unescape(std::string_view value);

}  // namespace tcpladder::tl1
