// SPDX-License-Identifier: MIT
#include "merge/alignment.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "merge/clock_windows.h"

namespace tcpladder {
namespace {

using Basis = AlignedClock::Basis;
using Matches = std::vector<SegmentMatch>;

/// Equal names would be one host to the reader.
std::string unique_name(const std::vector<std::string>& names, const std::string& name) {
    auto result = name.empty() ? std::string("host") : name;
    const auto base = result;
    for (int i = 2; std::find(names.begin(), names.end(), result) != names.end(); ++i)
        result = base + "#" + std::to_string(i);
    return result;
}

void name_hosts(const std::vector<MergeInput>& inputs, Alignment& result) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        auto& clock = result.clocks[i];
        const auto same = [&](const MergeInput& other) {
            return !other.boot_id.empty() && other.boot_id == inputs[i].boot_id;
        };
        const auto first =
            std::find_if(inputs.begin(), inputs.begin() + static_cast<long>(i), same);
        if (first != inputs.begin() + static_cast<long>(i)) {
            clock = result.clocks[static_cast<std::size_t>(first - inputs.begin())];
            clock.basis = Basis::kSameKernel;
            continue;
        }
        const auto& hosts = inputs[i].source->info().hosts;
        clock.host = static_cast<std::uint32_t>(result.hosts.size());
        clock.name = unique_name(
            result.hosts, hosts.empty() || hosts.front().empty() ? inputs[i].name : hosts.front());
        result.hosts.push_back(clock.name);
    }
}

/// Gives the matcher the events of all inputs, by their wall clocks nearly in order.
class Feeder {
public:
    Feeder(std::vector<MergeInput>& inputs, const Alignment& alignment, const AddressMap& addresses)
        : inputs_(&inputs), alignment_(&alignment), addresses_(&addresses), heads_(inputs.size()) {
        for (std::size_t i = 0; i < inputs.size(); ++i)
            pull(i);
    }

    void feed(SegmentMatcher& matcher) {
        while (const auto i = earliest()) {
            matcher.add(alignment_->clocks[*i].host, *heads_[*i]);
            pull(*i);
        }
        matcher.finish();
    }

private:
    void pull(std::size_t i) {
        Event event;
        auto& source = *(*inputs_)[i].source;
        auto status = EventSource::Status::kNotYet;
        while (status == EventSource::Status::kNotYet)
            status = source.next(event);
        heads_[i].reset();
        if (status == EventSource::Status::kEvent) {
            addresses_->translate(event);
            heads_[i] = event;
        }
    }

    std::optional<std::size_t> earliest() const {
        std::optional<std::size_t> best;
        for (std::size_t i = 0; i < heads_.size(); ++i) {
            if (heads_[i] && (!best || wall(i) < wall(*best)))
                best = i;
        }
        return best;
    }

    std::int64_t wall(std::size_t i) const {
        return heads_[i]->time + (*inputs_)[i].source->info().wall_offset;
    }

    std::vector<MergeInput>* inputs_;
    const Alignment* alignment_;
    const AddressMap* addresses_;
    std::vector<std::optional<Event>> heads_;
};

/// The hosts' clocks one after the other, each by all that are known already.
class Aligner {
public:
    Aligner(Alignment& result, const std::vector<MergeInput>& inputs, const Matches& matches)
        : matches_(&matches), known_(result.hosts.size()) {
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            if (result.clocks[i].basis == Basis::kSameKernel)
                continue;
            clocks_.push_back(&result.clocks[i]);
            walls_.push_back(inputs[i].source->info().wall_offset);
        }
        known_[0] = true;
    }

    void run() {
        while (true) {
            const auto host = best_linked();
            if (!host)
                break;
            align(*host);
        }
        for (std::uint32_t host = 0; host < known_.size(); ++host) {
            if (!known_[host])
                trust_wall_clock(host);
        }
    }

private:
    std::optional<std::uint32_t> best_linked() const {
        std::vector<std::size_t> links(known_.size());
        for (const auto& match : *matches_) {
            if (known_[match.from] != known_[match.to])
                ++links[known_[match.from] ? match.to : match.from];
        }
        const auto best = std::max_element(links.begin(), links.end());
        if (*best == 0)
            return {};
        return static_cast<std::uint32_t>(best - links.begin());
    }

    std::vector<ClockConstraint> constraints_of(std::uint32_t host) const {
        std::vector<ClockConstraint> constraints;
        for (const auto& match : *matches_) {
            if (match.to == host && known_[match.from])
                constraints.push_back(
                    {match.received, clocks_[match.from]->map.to_reference(match.sent), true});
            else if (match.from == host && known_[match.to])
                constraints.push_back(
                    {match.sent, clocks_[match.to]->map.to_reference(match.received), false});
        }
        return constraints;
    }

    void align(std::uint32_t host) {
        auto& clock = *clocks_[host];
        known_[host] = true;
        auto constraints = constraints_of(host);
        const auto fitted = fit_clock(constraints);
        if (fitted.windows.empty())
            return trust_wall_clock(host);
        const auto& first = fitted.windows.front();
        clock.map = fitted.map();
        clock.stretches = fitted.windows.size();
        clock.dropped = fitted.dropped;
        clock.basis = Basis::kSegments;
        clock.drift = -first.fit.line().slope * 1e9;
        clock.ahead = first.from + walls_[host] - clock.map.to_reference(first.from) - walls_[0];
        for (const auto& window : fitted.windows) {
            for (const auto time : {window.from, window.to}) {
                const auto bound = window.fit.bound_at(time);
                if (!bound)
                    clock.basis = Basis::kOneWay;
                else
                    clock.bound =
                        std::max(clock.bound, static_cast<std::int64_t>(std::ceil(*bound)));
            }
        }
    }

    void trust_wall_clock(std::uint32_t host) {
        known_[host] = true;
        clocks_[host]->basis = Basis::kWallClock;
        clocks_[host]->map.add(INT64_MIN, {0, walls_[host] - walls_[0], 0});
    }

    const Matches* matches_;
    std::vector<bool> known_;
    std::vector<AlignedClock*> clocks_;  ///< by host
    std::vector<std::int64_t> walls_;    ///< by host
};

}  // namespace

Alignment align(std::vector<MergeInput>& inputs, const AddressMap& addresses) {
    Alignment result;
    result.clocks.resize(inputs.size());
    name_hosts(inputs, result);
    Matches matches;
    SegmentMatcher matcher([&](const SegmentMatch& match) { matches.push_back(match); });
    Feeder(inputs, result, addresses).feed(matcher);
    Aligner(result, inputs, matches).run();

    std::vector<const AlignedClock*> clocks(result.hosts.size());
    for (auto& clock : result.clocks) {
        if (clock.basis != Basis::kSameKernel)
            clocks[clock.host] = &clock;
    }
    result.rules.resize(result.hosts.size());
    for (const auto& match : matches) {
        const auto sent = clocks[match.from]->map.to_reference(match.sent);
        const auto received = clocks[match.to]->map.to_reference(match.received);
        result.longest_transit = std::max(result.longest_transit, received - sent);
        if (received <= sent)
            result.rules[match.to].push_back({match.from, match.sent, match.received});
    }
    for (auto& rules : result.rules)
        std::ranges::sort(rules, {}, &OrderRule::received);
    for (auto& clock : result.clocks) {
        if (clock.basis == Basis::kSameKernel) {
            clock.map = clocks[clock.host]->map;
            continue;
        }
        for (const auto& [hosts, counts] : matcher.counts()) {
            if (hosts.first != clock.host && hosts.second != clock.host)
                continue;
            clock.matches.matched += counts.matched;
            clock.matches.unmatched += counts.unmatched;
        }
    }
    return result;
}

}  // namespace tcpladder
