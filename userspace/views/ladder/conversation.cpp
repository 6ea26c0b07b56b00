// SPDX-License-Identifier: MIT
#include "views/ladder/conversation.h"

#include <utility>

namespace tcpladder {
namespace {

bool belongs_left(const Side& side) {
    if (side.role != Role::kUnknown)
        return side.role == Role::kClient;
    if (side.local.port != side.remote.port)
        return side.local.port > side.remote.port;
    return side.local < side.remote;
}

}  // namespace

Rail meet(Conversation& conversation, const Side& side) {
    auto& [left, right] = conversation.ends;
    if (left.id == 0 && right.id == 0) {
        auto& end = belongs_left(side) ? left : right;
        auto& peer = belongs_left(side) ? right : left;
        end.id = side.id;
        peer.id = side.peer != nullptr ? side.peer->id : 0;
        peer.name = side.remote;
    }
    if (side.peer == &side && !conversation.to_itself) {
        conversation.to_itself = true;
        conversation.symbols.both_ends_are_one();
    }
    const auto rail = right.id == side.id && left.id != side.id ? Rail::kRight
                      : left.id == side.id || left.id == 0      ? Rail::kLeft
                                                                : Rail::kRight;
    conversation.end(rail).id = side.id;
    return rail;
}

}  // namespace tcpladder
