// SPDX-License-Identifier: MIT
#include "views/ladder/turns.h"

namespace tcpladder {

Conversation& Turns::find(std::uint32_t number) {
    if (latest_ != nullptr && latest_->number == number)
        return *latest_;
    auto& conversation = conversations_[number];
    const bool is_new = conversation.number == 0;
    conversation.number = number;
    latest_ = &conversation;
    if (is_new && conversations_.size() > kMost)
        forget(conversations_.begin());  // nobody has seen its end
    return conversation;
}

void Turns::write(Conversation& conversation, std::string_view text) {
    if (all_at_once_) {
        output_.write(text);
        return;
    }
    if (drawn_ == nullptr)
        drawn_ = &conversation;
    if (drawn_ == &conversation) {
        output_.write(text);
        return;
    }
    if (conversation.waiting.empty())
        waiting_.insert(conversation.number);
    conversation.waiting += text;
    waiting_bytes_ += text.size();
    if (drawn_->is_over() || waiting_bytes_ > kMostWaiting)
        pass_on();
}

// To the first that has something to say, and so on as long as those are over.
void Turns::pass_on() {
    while (!waiting_.empty()) {
        drawn_->interrupted = true;
        drawn_ = &conversations_.at(*waiting_.begin());
        write_out(*drawn_);
        if (!drawn_->is_over())
            return;
    }
}

void Turns::write_out(Conversation& conversation) {
    output_.write(conversation.waiting);
    waiting_.erase(conversation.number);
    waiting_bytes_ -= conversation.waiting.size();
    conversation.waiting.clear();
    conversation.waiting.shrink_to_fit();
}

void Turns::is_over(const Conversation& conversation) {
    over_.push_back(conversation.number);
    if (over_.size() <= kRemembered)
        return;
    const auto oldest = conversations_.find(over_.front());
    over_.pop_front();
    if (oldest != conversations_.end())
        forget(oldest);
}

void Turns::forget(std::map<std::uint32_t, Conversation>::iterator conversation) {
    const auto* in_use = &conversation->second;
    if (in_use != drawn_ && in_use != latest_ && in_use->waiting.empty())
        conversations_.erase(conversation);
}

void Turns::finish() {
    for (auto& [number, conversation] : conversations_)
        write_out(conversation);
}

}  // namespace tcpladder
