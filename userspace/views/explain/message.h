// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "views/explain/language.h"

namespace tcpladder {

/// All that an Explainer can say; the texts are in messages_en.cpp and
/// messages_zh.cpp. Some are a row's sentence, others are added to one.
enum class Message : std::uint8_t {
    // State changes: opening.
    kListen,
    kListenEnd,
    kConnect,
    kSynReceived,
    kRequestSocket,
    kSynReceivedLate,
    kSynReceivedCrossed,
    kEstablishedActive,
    kEstablishedPassive,
    kSynRecvTimeout,
    kSynRecvReset,
    kRefused,
    kConnectTimeout,
    kConnectClosed,
    kConnectFailed,
    kIcmp,
    // State changes: closing.
    kFinWait1Close,
    kFinWait1Shutdown,
    kFinWait1Exit,
    kFinWait1,
    kCloseWait,
    kLastAck,
    kFinWait2,
    kFinWait2Passing,
    kClosing,
    kTimeWait,
    kTimeWaitSocket,
    kTimeWaitEnd,
    kTimeWaitReused,
    kTimeWaitReset,
    kLastAckEnd,
    kFinWait2Timeout,
    kLateData,
    kTimeout,
    kReset,
    kAbort,
    kListenerGone,
    kDestroyed,
    kDisconnected,
    kClosed,
    kInferred,
    // Segments: opening.
    kSyn,
    kSynCrossing,
    kSynData,
    kFastOpenOption,
    kSynUnexpected,
    kSynAck,
    kSynAckCrossing,
    kSynAckData,
    kSynAckNoData,
    kScaling,
    kHandshakeAck,
    kHandshakeAckData,
    // Segments: data and what acknowledges it.
    kData,
    kAlsoAcks,
    kAggregate,
    kHalfCloseData,
    kAck,
    kAckNothingNew,
    kDelayedAck,
    // Segments: closing.
    kFin,
    kFinFirst,
    kFinSecond,
    kFinSecondWithAck,
    kFinSecondCrossing,
    kFinData,
    kAckOfFin,
    kAckOfFinCrossing,
    kAckOfFinLast,
    // Resets.
    kRstRefuses,
    kRstAnswer,
    kRstAbort,
    kRstForeign,
    kResetSent,
    kResetAccepted,
    kResetInside,
    kReasonNoSocket,
    kReasonUnread,
    kReasonLateData,
    kReasonLinger,
    kReasonState,
    kReasonKeepalive,
    kReasonTimeWait,
    kReasonOther,
    // Segments: what is noted of them.
    kRetransmission,
    kRto,
    kFast,
    kTailLossProbe,
    kSynTimeout,
    kSynAckTimeout,
    kSpurious,
    kNotReceived,
    kArrival,
    kOutOfOrder,
    kPreviousLost,
    kDuplicateAck,
    kSack,
    kAckedUnseen,
    kZeroWindow,
    kWindowFull,
    kWindowProbe,
    kProbeAck,
    kWindowUpdate,
    kKeepalive,
    kKeepaliveAck,
    kChallengeAck,
    // The kernel's own word, and what the trace lacks.
    kDropNoSocket,
    kDropOld,
    kDropChecksum,
    kDropFirewall,
    kDropOther,
    kRetransmitWhy,
    kRetransmitFailed,
    kMidway,
    kLost,
};
inline constexpr std::size_t kMessageCount = static_cast<std::size_t>(Message::kLost) + 1;

/// A template. `{name}` stands for a field (see MessageField), what is between `[` and
/// `]` is said the first time only.
std::string_view text_of(Message message, Language language);

/// What a template's `{name}` is replaced by. Those in parentheses may be
/// nothing, then they leave no trace.
enum class MessageField : std::uint8_t {
    kFrom,       ///< `{from}`: the end that the row is about: `the client`
    kFromFirst,  ///< `{From}`: the same, first in a sentence
    kTo,         ///< `{to}`: its peer
    kToFirst,    ///< `{To}`
    kSeq,        ///< `{seq}`: `J = 1925249825`, `M = K+27 = 821610676`
    kAck,        ///< `{ack}`: `821610650 = K+1`
    kRange,      ///< `{range}`: `K+1 to K+26`
    kNext,       ///< `{next}`: one past the end, `K+27`
    kNumber,     ///< `{number}`: the ack, briefly: `K+27`
    kBytes,      ///< `{bytes}`: `26 bytes`
    kRow,        ///< `{row}` (` (#7)`): the row that is answered or that was the cause
    kOther,      ///< `{other}` (` (#7)`): another row that the text speaks of
    kCopy,       ///< `{copy}` (` (first copy: #7)`)
    kTime,       ///< `{time}`: `40.0 ms`
    kWindow,     ///< `{window}`: bytes
    kCount,      ///< `{count}`
    kSize,       ///< `{size}`: bytes
    kReason,     ///< `{reason}`: the kernel's word, harmless on a terminal
    kScaleFrom,  ///< `{scale_from}`: `64`
    kScaleTo,    ///< `{scale_to}`
};

/// A piece of a template: text, a field, or a bracket.
struct MessagePiece {
    enum class Kind : std::uint8_t { kText, kField, kOpen, kClose };
    Kind kind = Kind::kText;
    std::string_view text;  ///< kText; of a field its name
    MessageField field = MessageField::kFrom;
};

/// Takes the first piece off a template that is not empty. A name that is no
/// field's, or without its brace, is text.
MessagePiece take_piece(std::string_view& rest);

}  // namespace tcpladder
