// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string_view>

#include "views/explain/message.h"

namespace tcpladder {

struct MessageText {
    Message message;
    std::string_view text;
};

/// In the order of Message.
using MessageTable = std::array<MessageText, kMessageCount>;
extern const MessageTable kEnglishMessages;
extern const MessageTable kChineseMessages;

constexpr bool is_in_order(const MessageTable& table) {
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (static_cast<std::size_t>(table[i].message) != i || table[i].text.empty()) {
            return false;
        }
    }
    return true;
}

}  // namespace tcpladder
