// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "merge/sent_bytes.h"
#include "model/connections.h"
#include "model/event.h"

namespace tcpladder {

/// A cause on one host and its effect on another, each by the clock of its host.
struct SegmentMatch {
    std::uint32_t from = 0;  ///< the host of the sender
    std::uint32_t to = 0;
    MonoNs sent = 0;  ///< when the last byte of what was received first left
    MonoNs received = 0;
};

/// How many receipts of one host's segments on another were recognized.
struct MatchCounts {
    std::uint64_t matched = 0;
    std::uint64_t unmatched = 0;  ///< its sending was not recorded, or not surely
};

/// Recognizes what one host sent in what another received, by the ranges of bytes,
/// since segments are cut and glued on their way; segments without data by what is
/// in their header. Never tells a match that contradicts the truth: an effect may be
/// matched with a sending before its own, but not with a later one.
///
/// The hosts' events may come interleaved in any way, if best nearly in true order:
/// the memory is that of the open connections and of what came early, with limits.
class SegmentMatcher {
public:
    using Found = std::function<void(const SegmentMatch&)>;
    explicit SegmentMatcher(Found found) : found_(std::move(found)) {}

    /// Takes the next event of this host (below 64), with translated addresses.
    void add(std::uint32_t host, const Event& event);
    /// Tells what was held back until it would be certain.
    void finish();

    /// By (from, to).
    const std::map<std::pair<std::uint32_t, std::uint32_t>, MatchCounts>& counts() const {
        return counts_;
    }
    std::size_t known_flows() const { return flows_.size(); }

private:
    struct Receipt {
        LongSeq begin;
        LongSeq end;
        std::uint32_t host;
        MonoNs time;
    };
    struct HeldSend {
        LongSeq begin;
        LongSeq end;
        MonoNs time;
        bool syn;
    };
    /// One direction of one connection.
    struct Flow {
        std::optional<std::uint32_t> origin;  ///< the host of the sender
        bool origin_is_certain = false;       ///< its socket was seen
        bool from_syn = false;                ///< the origin was recorded from the SYN on
        bool closed = false;
        std::uint64_t heard_by = 0;  ///< bits of hosts that have received of it
        std::optional<Seq> isn;
        std::map<std::uint32_t, LongSeq> last;  ///< per host, the number to count on from
        SentBytes sent;
        std::optional<HeldSend> held;
        std::deque<Receipt> early;  ///< came before their sending
    };
    /// A segment without data, on its way or arrived.
    struct Bare {
        std::optional<MonoNs> sent;
        std::vector<std::pair<std::uint32_t, MonoNs>> received;  ///< first receipt per host
        std::uint32_t from = 0;
        bool repeated = false;
        bool uncertain = false;  ///< told only when no equal one has come for long
    };
    using BareKey = std::uint64_t;

    void on(std::uint32_t host, MonoNs time, const Segment& segment);
    void on(std::uint32_t host, const Retransmit& retransmit);
    Flow& flow_of(const Segment& segment);
    bool is_from(std::uint32_t host, const Segment& segment, Flow& flow);
    void sent(std::uint32_t host, MonoNs time, const Segment& segment, Flow& flow);
    void received(std::uint32_t host, MonoNs time, const Segment& segment, Flow& flow);
    void commit(Flow& flow, const HeldSend& send);
    void release_held(Flow& flow);
    void decide_early(Flow& flow);
    void decide(Flow& flow, const Receipt& receipt);
    void bare_sent(std::uint32_t host, MonoNs time, BareKey key, bool uncertain);
    void bare_received(std::uint32_t host, MonoNs time, BareKey key, const Flow& flow);
    Bare& bare(BareKey key);
    void forget_oldest_bare();
    void tell_uncertain(const Bare& bare);
    void acknowledge(std::uint32_t host, const Segment& segment);
    void close(const FlowKey& key, Flow& flow);
    bool is_uncertain(const Flow& flow) const;
    void tell(std::uint32_t from, MonoNs sent, std::uint32_t to, MonoNs received);

    Found found_;
    std::unordered_map<FlowKey, Flow, FlowKeyHash> flows_;
    std::deque<FlowKey> closed_;
    std::unordered_map<BareKey, Bare> bares_;
    std::deque<BareKey> bares_by_age_;
    std::uint64_t lossy_ = 0;  ///< bits of hosts whose recording has gaps so far
    std::map<std::pair<std::uint32_t, std::uint32_t>, MatchCounts> counts_;
};

}  // namespace tcpladder
