// SPDX-License-Identifier: MIT
#include "model/connection.h"

namespace tcpladder {

void SocketSide::set_owner(const Task& task, OwnerSource source) {
    if (task.pid == 0 || source < owner_source)
        return;
    owner_source = source;
    if (shown.owner.pid == task.pid && shown.owner.comm == task.comm)
        return;
    shown.owner = task;
    touch();
}

void SocketSide::tell(const Notes& notes) {
    if (notes.has(Note::kRetransmission))
        ++active().story.retransmits;
    connection->active().story.count(notes);
}

}  // namespace tcpladder
