// SPDX-License-Identifier: MIT
// The capture of the tutorial, explained: the sentences that a reader of the book
// looks for are there, and their numbers add up.
#include "views/explain/explainer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "model/tracker.h"
#include "recording/foreign_capture.h"

namespace {

using namespace tcpladder;

/// The sentence of each row, by its number.
class Sentences : public EntrySink {
public:
    explicit Sentences(Language language) : explainer_(language) {
        ForeignCapture capture(TESTS_DIR "/golden/ladder/recordings/tutorial.pcap", "");
        explainer_.begin(capture.info());
        Tracker tracker(*this, capture.info(), {});
        Event event;
        while (capture.next(event) == EventSource::Status::kEvent) {
            tracker.add(event);
        }
        tracker.finish();
    }
    void entry(const Entry& entry) override {
        if (const std::string_view text = explainer_.explain(entry); !text.empty()) {
            texts_[entry.n] = text;
        }
    }

    /// Whether one sentence has all of these words.
    bool say(std::initializer_list<std::string_view> words) const {
        return std::ranges::any_of(texts_, [&](const auto& row) {
            return std::ranges::all_of(words, [&](std::string_view word) {
                return row.second.find(word) != std::string::npos;
            });
        });
    }

private:
    Explainer explainer_;
    std::map<std::uint64_t, std::string> texts_;
};

TEST_CASE("the tutorial's capture explains its handshake: J and K, J+1 and K+1") {
    const Sentences english(Language::kEnglish);
    CHECK(english.say({"SYN,", "J = 1925249825", "RFC 9293 3.5, figure 6"}));
    CHECK(english.say({"ack 1925249826 = J+1", "K = 821610649", "the server has the SYN (#2)"}));
    CHECK(english.say({"windows count times 64 from the client, times 128 from the server"}));
    CHECK(english.say({"ack 821610650 = K+1: the client has the SYN of the server"}));
    const Sentences chinese(Language::kChinese);
    CHECK(chinese.say({"三次握手的第一个报文段", "J = 1925249825"}));
    CHECK(chinese.say({"确认号 1925249826 = J+1", "K = 821610649"}));
    CHECK(chinese.say({"确认号 821610650 = K+1，说明客户端已收到服务器的 SYN"}));
}

TEST_CASE("the tutorial's capture explains its 26 bytes and their ACK") {
    const Sentences english(Language::kEnglish);
    CHECK(english.say({"26 bytes of data from the server, K+1 to K+26", "K+27"}));
    CHECK(english.say({"ack K+27 (#8): the client has everything before that number"}));
    const Sentences chinese(Language::kChinese);
    CHECK(chinese.say({"服务器发送 26 字节数据，K+1 到 K+26"}));
    CHECK(chinese.say({"确认号 K+27（#8）：客户端已收到此前的全部数据"}));
}

TEST_CASE("the tutorial's capture explains why three segments close it, not four") {
    const Sentences english(Language::kEnglish);
    CHECK(english.say({"M = K+27 = 821610676", "the server is the first to close"}));
    CHECK(english.say({"N = J+1 = 1925249826", "ack 821610677 = M+1", "the ACK of the other FIN",
                       "three segments instead of the four of figure 12"}));
    CHECK(english.say({"The last ACK, 1925249827 = N+1 = J+2"}));
    const Sentences chinese(Language::kChinese);
    CHECK(chinese.say({"M = K+27 = 821610676", "服务器首先关闭"}));
    CHECK(chinese.say(
        {"N = J+1 = 1925249826", "确认号 821610677 = M+1", "用三个报文段代替了图 12 的四个"}));
    CHECK(chinese.say({"最后一个 ACK，1925249827 = N+1 = J+2"}));
}

// The published text prints it with a digit too many.
TEST_CASE("the tutorial's last number adds up") {
    constexpr Seq kJ = 1925249825;
    constexpr Seq kN = kJ + 1;  // no data from the client: its FIN follows its SYN
    static_assert(kN + 1 == 1925249827);
    CHECK(Sentences(Language::kEnglish).say({std::to_string(kN + 1) + " = N+1 = J+2"}));
}

}  // namespace
