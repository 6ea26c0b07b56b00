// SPDX-License-Identifier: MIT
#include "views/json_side.h"

#include <algorithm>

#include "views/json_text.h"

namespace tcpladder {
namespace {

void append_endpoint(TextBuffer& out, std::string_view key, const Endpoint& endpoint) {
    if (endpoint.address.version == 0) {
        return;
    }
    out.append(key);
    out.append('"');
    out.set_end(format_to(out.room(kMaxEndpointText), endpoint));
    out.append('"');
}

void append_number(TextBuffer& out, std::string_view key, std::uint32_t value) {
    if (value != 0) {
        out.append(key);
        out.append_decimal(value);
    }
}

void append_role(TextBuffer& out, Role role) {
    if (role != Role::kUnknown) {
        out.append(role == Role::kClient ? R"(,"side":"client")" : R"(,"side":"server")");
    }
}

void append_ends(TextBuffer& out, const Endpoint& local, const Endpoint& remote) {
    append_endpoint(out, R"(,"local":)", local);
    append_endpoint(out, R"(,"remote":)", remote);
}

void append_owner(TextBuffer& out, const Task& owner) {
    if (owner.pid == 0) {
        return;
    }
    append_number(out, R"(,"pid":)", owner.pid);
    out.append(R"(,"comm":)");
    append_json_string(out, owner.name());
}

void append_side(TextBuffer& out, const Side& side, const Endpoint& local, const Endpoint& remote) {
    append_number(out, R"(,"netns":)", inode_of(side.netns));
    append_number(out, R"(,"conn":)", side.connection);
    append_role(out, side.role);
    append_ends(out, local, remote);
    append_owner(out, side.owner);
}

}  // namespace

JsonSides::JsonSides() : slots_(kSlots) {}

void JsonSides::begin(std::span<const std::string> hosts) {
    hosts_.assign(hosts.size(), {});
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        if (!hosts[i].empty()) {
            hosts_[i].append(R"(,"host":)");
            append_json_string(hosts_[i], hosts[i]);
        }
    }
    for (Slot& slot : slots_) {
        slot.size = 0;
    }
}

// With one host all rows are from there; of several, an end that was not seen
// itself is on none that we know.
void JsonSides::append_host(TextBuffer& out, const Side* side) const {
    const auto host = side != nullptr ? host_of(side->netns) : 0;
    const bool known = hosts_.size() == 1 || (side != nullptr && side->netns != 0);
    if (known && host < hosts_.size()) {
        out.append(hosts_[host].view());
    }
}

void JsonSides::append(TextBuffer& out, const Side* side) {
    if (side == nullptr) {
        append_host(out, side);
        return;
    }
    Slot& slot = slots_[side->id % kSlots];
    if (slot.size != 0 && slot.id == side->id && slot.revision == side->revision) {
        out.append(std::string_view(slot.text.data(), slot.size));
    } else {
        append_new(out, *side, slot);
    }
}

void JsonSides::append(TextBuffer& out, const Side* sender, const TcpHeader& header) {
    if (sender != nullptr && sender->local == header.source &&
        sender->remote == header.destination) {
        append(out, sender);
        return;
    }
    append_host(out, sender);
    if (sender != nullptr) {
        append_side(out, *sender, header.source, header.destination);
    } else {
        append_ends(out, header.source, header.destination);
    }
}

void JsonSides::append_new(TextBuffer& out, const Side& side, Slot& slot) {
    const std::size_t before = out.size();
    append_host(out, &side);
    append_side(out, side, side.local, side.remote);
    const std::string_view text = out.view().substr(before);
    slot.size = 0;
    if (text.size() <= slot.text.size()) {
        slot.id = side.id;
        slot.revision = side.revision;
        slot.size = static_cast<std::uint32_t>(text.size());
        std::copy(text.begin(), text.end(), slot.text.begin());
    }
}

}  // namespace tcpladder
