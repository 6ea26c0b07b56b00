// SPDX-License-Identifier: MIT
#include "views/explain/explainer.h"

#include <algorithm>

namespace tcpladder {

Explainer::Explainer(Language language) : language_(language), conversations_(kConversations) {
    said_in_.fill(kNowhere);
}

void Explainer::begin(const TraceInfo& /*info*/) {}

std::string_view Explainer::explain(const Entry& entry) {
    text_.clear();
    entry_ = &entry;
    segment_ = std::get_if<SegmentEntry>(&entry.body);
    row_ = other_ = count_ = 0;
    reason_ = {};
    conversation_ = nullptr;
    if (entry.side != nullptr) {
        conversation_ = &conversation_of(entry.side->connection);
        from_ = &conversation_->end_of(*entry.side);
        to_ = &conversation_->peer_of(*from_);
    }
    if (conversation_ != nullptr || std::holds_alternative<LostEntry>(entry.body)) {
        std::visit([&](const auto& body) { on(body); }, entry.body);
    }
    return text_.view();
}

// Connections are numbered in the order of their opening, so the newest ones have
// places of their own.
ConversationMemory& Explainer::conversation_of(std::uint32_t connection) {
    if (connection == 0) {
        nobody_.begin(0, true);
        return nobody_;
    }
    ConversationMemory& conversation = conversations_[connection % kConversations];
    if (conversation.connection() != connection) {
        conversation.begin(connection, connection > newest_connection_);
        newest_connection_ = std::max(newest_connection_, connection);
    }
    return conversation;
}

// The kernel's own word follows the segment, whose notes have said it already
// where both were seen.
void Explainer::on(const RetransmitEntry& retransmit) {
    if (retransmit.error != 0) {
        count_ = static_cast<std::uint64_t>(std::abs(retransmit.error));
        say(Message::kRetransmitFailed);
    } else if (!from_->resending_told && !retransmit.why.empty()) {
        reason_ = retransmit.why;
        say(Message::kRetransmitWhy);
    }
    from_->resending_told = false;
}

void Explainer::on(const DropEntry& drop) {
    const std::string_view name(drop.reason.data(), drop.reason.size());
    reason_ = name.substr(0, name.find('\0'));
    row_ = drop.n;
    const bool old =
        reason_ == "TCP_OLD_SEQUENCE" || reason_ == "TCP_OLD_DATA" || reason_ == "TCP_OFOMERGE";
    say(old                           ? Message::kDropOld
        : reason_ == "NO_SOCKET"      ? Message::kDropNoSocket
        : reason_ == "TCP_CSUM"       ? Message::kDropChecksum
        : reason_ == "NETFILTER_DROP" ? Message::kDropFirewall
                                      : Message::kDropOther);
}

void Explainer::on(const LostEntry& lost) {
    for (ConversationMemory& conversation : conversations_) {
        conversation.lose(entry_->n);
    }
    count_ = lost.count;
    say(Message::kLost);
}

}  // namespace tcpladder
