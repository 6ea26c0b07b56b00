// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/tcp_state.h"

namespace tcpladder::lab {

/// The two hosts. What one of them sends goes to the other.
enum class Host : std::uint8_t { kClient, kServer };

constexpr Host other(Host host) {
    return host == Host::kClient ? Host::kServer : Host::kClient;
}
/// `client`, `server`.
std::string_view name(Host host);

// --- What an actor does

enum class Verb : std::uint8_t {
    kOpen,           ///< socket()
    kBind,           ///< bind() to `port`
    kListen,         ///< socket(), bind(), listen(`number`), as far as not done yet
    kSet,            ///< setsockopt(): `text` is the option's name, `number` its value
    kConnect,        ///< connect(), and wait for its end
    kStartConnect,   ///< connect() without waiting
    kFinishConnect,  ///< wait for the end of a connect() that was started
    kFastOpen,       ///< sendto(MSG_FASTOPEN) of `number` bytes
    kAccept,         ///< accept() from `listener`
    kSend,           ///< send() of `number` bytes, all of them
    kStartSend,      ///< send() of as many as the kernel takes now
    kReceive,        ///< recv() of `number` bytes, and a look at them
    kReceiveEnd,     ///< recv() until the peer's end
    kShutdown,       ///< shutdown(`number`: SHUT_RD, SHUT_WR, SHUT_RDWR)
    kClose,          ///< close()
    kDisconnect,     ///< connect(AF_UNSPEC)
    kDestroy,        ///< SOCK_DESTROY by an administrator, as `ss -K` does
    kKill,           ///< kill -9 of the actor's process
};

/// One call by one host's process on one of its sockets.
struct Call {
    Host host = Host::kClient;
    Verb verb = Verb::kOpen;
    std::string socket;  ///< its name in the story: `conn`, `listener`, …
    std::string text;
    std::int64_t number = 0;
    std::uint16_t port = 0;
    std::uint16_t from_port = 0;  ///< of kConnect: bind() to it first; 0: do not
    int error = 0;                ///< the errno that it has to fail with; 0: it works
    std::string listener;
};

struct Sysctl {
    Host host = Host::kClient;
    std::string name;  ///< `net.ipv4.tcp_fin_timeout`
    std::string value;
};

// --- What the wire does

enum class Kind : std::uint8_t { kSyn, kSynAck, kAck, kData, kFin, kRst, kAny };

/// Some of the segments that a host sends.
struct Which {
    Kind kind = Kind::kAny;
    Host from = Host::kClient;
    std::uint32_t first = 1;  ///< counted from the moment when the rule is given
    std::uint32_t count = 1;  ///< how many from there on; 0: all
    /// By chance instead: so many of a hundred. The same seed and the same segments
    /// give the same choice.
    std::uint32_t percent = 0;
    std::uint32_t seed = 1;
};

/// A number of a segment: a place in the connection and a distance from it.
struct Place {
    enum class Base : std::uint8_t {
        kNext,      ///< what the receiver waits for next
        kStart,     ///< the initial number: the SYN's own
        kAbsolute,  ///< the number itself
    };
    Base base = Base::kNext;
    std::int64_t offset = 0;
};

/// A segment that nobody sent.
struct Forged {
    Host from = Host::kClient;
    std::uint16_t flags = 0;
    Place seq;
    Place ack;
    std::uint32_t length = 0;
    std::uint16_t window = 65535;
    std::uint16_t port = 0;     ///< of the sender; 0: of the connection seen last
    std::uint16_t to_port = 0;  ///< of the receiver
    bool icmp = false;  ///< instead: ICMP "host unreachable" about the last segment to `from`
};

enum class Deed : std::uint8_t { kDrop, kHold, kDuplicate, kCorrupt, kSwap, kAnswer };

struct WireRule {
    Deed deed = Deed::kDrop;
    Which which;
    Forged answer;  ///< of kAnswer
};
struct WireDelay {
    std::chrono::nanoseconds one_way{};
};
struct WireRelease {
    std::uint32_t count = 0;  ///< 0: all that it holds
};
struct WirePass {};  ///< forget all rules; what is held stays held

// --- What the story waits for

struct StateWait {
    std::optional<Host> host;  ///< none: a listener
    TcpState state = TcpState::kUnknown;
    std::uint32_t connection = 0;  ///< 0: any
    std::uint32_t times = 1;       ///< since the start of the story
};
struct SegmentWait {
    Kind kind = Kind::kAny;
    Host host = Host::kClient;
    bool arrival = false;  ///< its receipt at `host`; else its sending by it
    std::uint32_t times = 1;
    std::optional<std::uint16_t> window;  ///< as on the wire, not scaled
};
struct ResendWait {
    Host host = Host::kClient;
    std::string why;  ///< empty: any
    std::uint32_t times = 1;
};
struct ResetWait {
    Host host = Host::kClient;
    bool sent = true;
};
struct WireWait {
    bool held = false;  ///< so many are held now; else so many were dropped
    std::uint32_t count = 1;
};
/// Time itself is what the story is about. Never to wait for something to happen.
struct Pause {
    std::chrono::nanoseconds time{};
};

struct Step {
    int line = 0;      ///< in the file
    std::string text;  ///< as written, for --explain and for failures
    std::variant<Call, Sysctl, WireRule, WireDelay, WireRelease, WirePass, Forged, StateWait,
                 SegmentWait, ResendWait, ResetWait, WireWait, Pause>
        what;
};

// --- What is expected

struct ExpectedStep {
    TcpState from = TcpState::kUnknown;
    TcpState to = TcpState::kUnknown;
    bool inferred = false;
    bool maybe = false;               ///< it need not be there
    std::vector<std::string> causes;  ///< one of them; empty: any that is known
    std::string text;
};

/// All transitions of one end, in order.
struct ExpectedStates {
    std::optional<Host> host;  ///< none: the listener
    std::uint32_t connection = 1;
    bool open_end = false;  ///< more may follow
    bool nothing = false;   ///< said in so many words
    std::vector<ExpectedStep> steps;
};

struct ExpectedSegment {
    Host from = Host::kClient;
    std::uint16_t flags = 0;
    std::optional<std::uint32_t> seq;  ///< relative: the SYN is 0
    std::optional<std::uint32_t> ack;
    std::optional<std::uint32_t> length;
    std::optional<std::uint16_t> window;  ///< as on the wire, not scaled
    bool lost = false;                    ///< sent and never received
    bool forged = false;                  ///< received and never sent
    std::string note;                     ///< one of its notes has this text in it; empty: any
    std::string text;
};

/// These, in this order; others may lie between them.
struct ExpectedSegments {
    std::uint32_t connection = 0;  ///< 0: of any
    std::vector<ExpectedSegment> segments;
};

struct ExpectedAbsence {
    Kind kind = Kind::kAny;
    Host from = Host::kClient;
};
struct ExpectedResend {
    Host host = Host::kClient;
    std::string why;          ///< empty: any
    std::uint32_t times = 1;  ///< at least
};
struct ExpectedReset {
    Host host = Host::kClient;
    bool sent = true;
    std::vector<std::string> reasons;  ///< one of them; empty, or a kernel that has none: any
};
struct ExpectedDrop {
    Host from = Host::kClient;         ///< whose segment a kernel threw away
    std::vector<std::string> reasons;  ///< one of them; empty, or a kernel that has none: any
};
struct ExpectedNote {
    std::string text;  ///< part of it; of a segment or of the trace
};
/// The summary's sentences about a connection.
struct ExpectedVerdict {
    std::uint32_t connection = 1;
    std::string text;  ///< part of them
};

struct Expectation {
    int line = 0;
    std::string text;
    std::variant<ExpectedStates, ExpectedSegments, ExpectedAbsence, ExpectedResend, ExpectedReset,
                 ExpectedDrop, ExpectedNote, ExpectedVerdict>
        what;
};

/// A condition without which the scenario is skipped.
struct Need {
    enum class What : std::uint8_t { kSysctl, kIpv4, kIpv6, kSockDestroy };
    What what = What::kSysctl;
    std::string name;    ///< of the sysctl
    std::string reason;  ///< why
};

struct Scenario {
    std::string name;  ///< of the file, without `.lab`
    std::string title;
    std::string shows;
    std::vector<std::string> look;
    std::vector<Need> needs;
    bool slow = false;
    std::vector<Step> steps;
    std::vector<Expectation> expectations;
};

inline constexpr std::uint16_t kDefaultPort = 7000;

}  // namespace tcpladder::lab
