// SPDX-License-Identifier: MIT
#include "views/explain/message.h"

#include <algorithm>
#include <array>

#include "views/explain/messages.h"

namespace tcpladder {
namespace {

// The order of MessageField.
constexpr std::array<std::string_view, 20> kNames{
    "from",   "From",   "to",    "To",     "seq",        "ack",     "range",
    "next",   "number", "bytes", "row",    "other",      "copy",    "time",
    "window", "count",  "size",  "reason", "scale_from", "scale_to"};
static_assert(static_cast<std::size_t>(MessageField::kScaleTo) + 1 == kNames.size());

MessagePiece take_text(std::string_view& rest, std::size_t size) {
    const MessagePiece piece{MessagePiece::Kind::kText, rest.substr(0, size), {}};
    rest.remove_prefix(piece.text.size());
    return piece;
}

}  // namespace

std::string_view text_of(Message message, Language language) {
    const auto& table = language == Language::kChinese ? kChineseMessages : kEnglishMessages;
    return table[static_cast<std::size_t>(message)].text;
}

MessagePiece take_piece(std::string_view& rest) {
    if (rest.front() == '[' || rest.front() == ']') {
        const auto kind =
            rest.front() == '[' ? MessagePiece::Kind::kOpen : MessagePiece::Kind::kClose;
        rest.remove_prefix(1);
        return {kind, {}, {}};
    }
    if (rest.front() != '{') {
        return take_text(rest, std::min(rest.find_first_of("[]{"), rest.size()));
    }
    const std::string_view name = rest.substr(1, rest.find('}') - 1);
    const auto* const found = std::find(kNames.begin(), kNames.end(), name);
    if (found == kNames.end()) {
        return take_text(rest, 1);
    }
    rest.remove_prefix(name.size() + 2);
    return {MessagePiece::Kind::kField, name, static_cast<MessageField>(found - kNames.begin())};
}

}  // namespace tcpladder
