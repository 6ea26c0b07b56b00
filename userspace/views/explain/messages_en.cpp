// SPDX-License-Identifier: MIT
#include "views/explain/messages.h"

namespace tcpladder {

using enum Message;

constexpr MessageTable kEnglishMessages{{
    {kListen, "listen(): {from} waits for connections: a passive OPEN (RFC 9293 3.10.1)."},
    {kListenEnd,
     "The listening socket is closed: no new connections through it[; those already accepted live "
     "on]."},
    {kConnect, "connect(): {from} opens actively, a SYN is to follow (RFC 9293 3.10.1)."},
    {kSynReceived,
     "{From} has the SYN{row} and answers it. The connection is open when its own SYN is "
     "acknowledged (RFC 9293 3.10.7.2)."},
    {kRequestSocket,
     "[Linux keeps this state in a small request socket and reports it only when the third segment "
     "comes; here it is shown from its true start.]"},
    {kSynReceivedLate,
     "The kernel tells of SYN_RECV only now; by the RFC {from} is in it since the SYN{row} (RFC "
     "9293 3.10.7.2). With a SYN cookie the kernel itself keeps nothing until the ACK comes."},
    {kSynReceivedCrossed,
     "A SYN{row} instead of a SYN+ACK: both ends open at the same time (RFC 9293 3.5, figure 7)."},
    {kEstablishedActive,
     "Open for {from}: the SYN+ACK{row} acknowledges its SYN and brings that of {to} (RFC 9293 "
     "3.10.7.3)."},
    {kEstablishedPassive, "Open for {from}: the ACK{row} of its SYN has come (RFC 9293 3.10.7.4)."},
    {kSynRecvTimeout, "No ACK of the SYN+ACK has come in time: {from} gives up (RFC 9293 3.8.3)."},
    {kSynRecvReset,
     "The RST{row} ends this attempt; an end that was listening goes on listening (RFC 9293 "
     "3.10.7.4)."},
    {kRefused,
     "The RST{row} refuses the connection: connect() fails with ECONNREFUSED (RFC 9293 3.10.7.3)."},
    {kConnectTimeout,
     "The SYN was not answered: {from} gives up, connect() fails with ETIMEDOUT (RFC 9293 3.8.3)."},
    {kConnectClosed, "Closed before an answer came; {to} need not be told (RFC 9293 3.10.4)."},
    {kConnectFailed, "connect() failed: the socket is back in CLOSE."},
    {kIcmp, "An ICMP error says that {to} cannot be reached: {from} gives up (RFC 9293 3.9.2.2)."},

    {kFinWait1Close,
     "close(): {from} has nothing new to send, a FIN is to follow: the active close (RFC 9293 3.10.4)."},
    {kFinWait1Shutdown,
     "shutdown(): {from} ends its own direction with a FIN; the other one stays open: a half-close "
     "(RFC 9293 3.6.1)."},
    {kFinWait1Exit,
     "The process ended, so the kernel closes its socket: a FIN is to follow (RFC 9293 3.10.4)."},
    {kFinWait1, "{From} closes its direction: a FIN is to follow (RFC 9293 3.10.4)."},
    {kCloseWait,
     "The FIN{row} has come: {from} gets no more data, but may send until it closes, too: the "
     "passive close (RFC 9293 3.6)."},
    {kLastAck,
     "{From} closes its direction, too: a FIN is to follow, and then only the ACK of it is missing "
     "(RFC 9293 3.10.4)."},
    {kFinWait2,
     "The ACK{row} of its FIN has come: {from} now waits for the FIN of {to} (RFC 9293 3.10.7.4)."},
    {kFinWait2Passing,
     "The segment{row} acknowledges its FIN and is the FIN of {to} as well: {from} only passes "
     "through FIN_WAIT2 (RFC 9293 3.3.2, note 2 on figure 5)."},
    {kClosing,
     "The FIN{row} came before the ACK of its own FIN: both close at the same time (RFC 9293 3.6, "
     "figure 13)."},
    {kTimeWait,
     "Both FINs have come through{row}; {from} waits 2 MSL[, so that it can repeat its last ACK "
     "and old segments die out] (RFC 9293 3.6.1)."},
    {kTimeWaitSocket,
     "[Linux keeps TIME_WAIT (60 s) in a small socket of its own and reports CLOSE here.]"},
    {kTimeWaitEnd, "2 MSL are over: nothing is left of the connection (RFC 9293 3.10.8)."},
    {kTimeWaitReused,
     "The same addresses and ports are used again{row}: TIME_WAIT ends early (RFC 9293 3.6.1)."},
    {kTimeWaitReset, "The RST{row} ends TIME_WAIT early (a hazard: RFC 1337)."},
    {kLastAckEnd,
     "The ACK of its FIN has come{row}: nothing is left at {from}. Who closes second needs no "
     "TIME_WAIT (RFC 9293 3.6, figure 12)."},
    {kFinWait2Timeout,
     "No FIN came from {to}, and no process holds the socket any more: Linux gives up "
     "(tcp_fin_timeout); the RFC has no such limit."},
    {kLateData,
     "Data{row} for a socket that its process has closed: nobody can read it, so the connection "
     "ends with a RST (RFC 9293 3.6.1)."},
    {kTimeout,
     "No answer from {to} in the time allowed: {from} gives up (ETIMEDOUT; RFC 9293 3.8.3)."},
    {kReset, "The RST{row} ends it at once: no FIN, no TIME_WAIT (RFC 9293 3.5.3)."},
    {kAbort,
     "A close() that aborts, with a RST instead of a FIN: data was left unread, or SO_LINGER 0 "
     "asked for it (RFC 9293 3.6.1, 3.10.5)."},
    {kListenerGone, "The listener was closed before this connection was accepted: it is reset."},
    {kDestroyed, "The socket was ended from outside, as by `ss -K` (SOCK_DESTROY)."},
    {kDisconnected, "connect(AF_UNSPEC) takes the connection apart: an ABORT (RFC 9293 3.10.5)."},
    {kClosed, "Nothing is left of the connection at {from}."},
    {kInferred, "[* means: the kernel did not report it; the segments imply it.]"},

    {kSyn,
     "SYN, the first of three segments: {from} tells its initial sequence number, {seq} (RFC 9293 "
     "3.5, figure 6)."},
    {kSynCrossing,
     "SYN, {seq}, though {to} has sent one as well{other}: both open at the same time (RFC 9293 "
     "3.5, figure 7)."},
    {kSynData,
     "SYN, {seq}, with {bytes} of data: Fast Open, they do not wait for the handshake (RFC 7413 "
     "3)."},
    {kFastOpenOption, "Its Fast Open option asks for a cookie, or brings one (RFC 7413 4.1)."},
    {kSynUnexpected,
     "A SYN that does not fit this connection: {to} must not take it at its word (RFC 9293 "
     "3.10.7.4)."},
    {kSynAck,
     "SYN+ACK, the second: ack {ack}: {from} has the SYN{row} of {to}, and tells its own number, "
     "{seq} (RFC 9293 3.5, figure 6)."},
    {kSynAckCrossing,
     "{From} repeats its SYN, {seq}, now with ack {ack}: it has the SYN of {to}{row} (RFC 9293 "
     "3.5, figure 7)."},
    {kSynAckData, "The ack covers the data in the SYN, too: Fast Open has worked (RFC 7413 4.2)."},
    {kSynAckNoData,
     "The ack covers the SYN only: its data was not taken and has to be sent again (RFC 7413 "
     "4.2)."},
    {kScaling,
     "Both offer window scaling: from now on windows count times {scale_to} from {to}, times "
     "{scale_from} from {from} (RFC 7323 2.2)."},
    {kHandshakeAck,
     "The third: ack {ack}: {from} has the SYN of {to}{row}; now both ends know both numbers (RFC "
     "9293 3.5, figure 6)."},
    {kHandshakeAckData, "It brings {bytes} of data already ({range})."},

    {kData,
     "{bytes} of data from {from}, {range}[; their ACK will be {next}, the next number expected "
     "(RFC 9293 3.4)]."},
    {kAlsoAcks, "It acknowledges as well, up to {number}{row}."},
    {kAggregate,
     "[One row, {count} segments of {size} bytes: the kernel splits and joins them late (GSO, "
     "GRO).]"},
    {kHalfCloseData,
     "[{To} has closed its own direction, this one is still open: a half-close (RFC 9293 3.6.1).]"},
    {kAck, "ack {number}{row}: {from} has everything before that number[ (RFC 9293 3.4)]."},
    {kAckNothingNew, "ack {number} again: nothing new is acknowledged."},
    {kDelayedAck,
     "It left {time} after what it acknowledges had come: a delayed ACK[; it waits for a segment to "
     "travel with (RFC 9293 3.8.6.3)]."},

    {kFin, "FIN, {seq}: {from} has sent all it wanted to send (RFC 9293 3.6)."},
    {kFinFirst,
     "FIN, {seq}: {from} is the first to close, it has sent all[; a FIN counts one, so its ACK will "
     "be {next}] (RFC 9293 3.6, figure 12)."},
    {kFinSecond, "FIN, {seq}: {from} has sent all, too (RFC 9293 3.6, figure 12)."},
    {kFinSecondWithAck,
     "FIN, {seq}, and in the same segment the ACK of the other FIN{other}: ack {ack}. {From} "
     "closed before it had sent that ACK alone: three segments instead of the four of figure 12 "
     "(RFC 9293 3.6)."},
    {kFinSecondCrossing,
     "FIN, {seq}, sent without the FIN of {to}{other} having come: both close at the same time "
     "(RFC 9293 3.6, figure 13)."},
    {kFinData, "It brings the last data, too: {bytes} ({range})."},
    {kAckOfFin,
     "ack {ack}: {from} has the FIN{row}[, and with it everything that {to} sent]. It may go on "
     "sending[: one direction is closed, not both (RFC 9293 3.6.1)]."},
    {kAckOfFinCrossing, "ack {ack}: {from} has the FIN{row} (RFC 9293 3.6, figure 13)."},
    {kAckOfFinLast,
     "The last ACK, {ack}: {from} has the FIN{row}; both directions are closed (RFC 9293 3.6, "
     "figure 12)."},

    {kRstRefuses,
     "RST: {from} refuses the SYN{row}: ack {ack} shows which one it means (RFC 9293 3.5.2)[; "
     "most often nobody listens on the port]."},
    {kRstAnswer,
     "RST in answer to a segment{other}: at {from} there is no connection that takes it (RFC 9293 "
     "3.5.2)."},
    {kRstAbort,
     "RST: {from} aborts the connection; what was not delivered yet is lost (RFC 9293 3.10.5)."},
    {kRstForeign,
     "A RST in the name of {from}, which was not seen to send it: something on the way may have made "
     "it (RFC 5961)."},
    {kResetSent, "{From} resets the connection (RFC 9293 3.5.2)."},
    {kResetAccepted, "{From} accepts the RST{row} (RFC 9293 3.5.3)."},
    {kResetInside, "The kernel resets the connection at {from}, though no RST was seen to come."},
    {kReasonNoSocket,
     "The kernel has no socket for the segment{other} and answers with a RST (RFC 9293 3.10.7.1)."},
    {kReasonUnread,
     "Why the RST{row}: data was left unread at close(); a RST tells the peer that it is lost (RFC 9293 3.6.1)."},
    {kReasonLateData,
     "Why the RST{row}: data came after close() and could not be delivered (RFC 9293 3.6.1)."},
    {kReasonLinger, "Why the RST{row}: TCP_LINGER2 forbids to wait for the FIN of {to}."},
    {kReasonState,
     "Why the RST{row}: an abort, as close() with SO_LINGER 0 makes it (reason TCP_STATE)."},
    {kReasonKeepalive, "Why the RST{row}: the keepalives were not answered (RFC 9293 3.8.4)."},
    {kReasonTimeWait, "Why the RST{row}: of this connection only TIME_WAIT was left."},
    {kReasonOther, "Why the RST{row}, in the kernel's word: {reason}."},

    {kRetransmission, "Sent again{copy} (RFC 9293 3.8.1)."},
    {kRto,
     "Sent again{copy}: no ACK came before the retransmission timer ran out[; the next time it "
     "waits twice as long] (RFC 6298 5)."},
    {kFast,
     "Sent again{copy}, before the timer: the ACKs of later segments show that it is missing: fast "
     "retransmit (RFC 5681 3.2, RFC 8985)."},
    {kTailLossProbe,
     "Tail loss probe{copy}: no ACK for a while, so the end is sent again, to get an answer before "
     "the retransmission timer runs out (RFC 8985 7)."},
    {kSynTimeout,
     "The SYN again{copy}: no answer came before the retransmission timer ran out (RFC 6298 5)."},
    {kSynAckTimeout, "The SYN+ACK again{copy}: its ACK has not come (RFC 6298 5)."},
    {kSpurious, "It was not needed: {to} had all of it already."},
    {kNotReceived, "Its arrival at {to} was not seen."},
    {kArrival, "The segment{row} arrives, {time} after it was sent."},
    {kOutOfOrder,
     "It comes late: higher numbers arrived before it[; {to} keeps them until the gap is filled "
     "(RFC 9293 3.10.7.4)]."},
    {kPreviousLost, "Numbers just before it were not seen: lost, or not recorded."},
    {kDuplicateAck,
     "Duplicate ACK, {number} again: something came, but not the number that {from} waits for[ "
     "(RFC 5681 2)]."},
    {kSack, "[Its SACK option lists what did come (RFC 2018).]"},
    {kAckedUnseen, "It acknowledges numbers that were not seen here."},
    {kZeroWindow, "Window 0: {from} has no room left, {to} must stop sending[ (RFC 9293 3.8.6)]."},
    {kWindowFull, "That fills the window of {to}[: {from} has to wait for a larger one]."},
    {kWindowProbe,
     "Zero-window probe: {from} asks whether the window is still shut[; in Linux with an old "
     "number and no data, which must be answered] (RFC 9293 3.8.6.1)."},
    {kProbeAck,
     "Answer to the probe: {from} is there, its window still shut[ (RFC 9293 3.8.6.1)]."},
    {kWindowUpdate,
     "Window update: nothing new is acknowledged, but {from} has room for {window} bytes[ (RFC 9293 "
     "3.8.6.2.2)]."},
    {kKeepalive,
     "Keepalive: {from} asks whether {to} is still there[, with an old number and no data, which "
     "must be answered] (RFC 9293 3.8.4)."},
    {kKeepaliveAck, "Answer to the keepalive: {from} is still there."},
    {kChallengeAck,
     "Challenge ACK: {from} does not take the SYN or RST{other} at its word and repeats its own "
     "numbers (RFC 5961)."},

    {kDropNoSocket,
     "The segment{row} found no socket at {to} and was dropped (RFC 9293 3.10.7.1)."},
    {kDropOld,
     "{To} dropped the segment{row}: no data in it is new, at most it has to be acknowledged again "
     "(RFC 9293 3.10.7.4)."},
    {kDropChecksum, "{To} dropped the segment{row}: its checksum is wrong (RFC 9293 3.1)."},
    {kDropFirewall, "A firewall rule dropped the segment{row}."},
    {kDropOther, "The kernel dropped the segment{row}. Its reason: {reason}."},
    {kRetransmitWhy, "The kernel sent it again. Why: {reason}."},
    {kRetransmitFailed, "The kernel tried to send it again, but could not (error {count})."},
    {kMidway,
     "The start of this connection was not seen: relative numbers count from the first one seen."},
    {kLost,
     "Lost: {count} events found no room in the buffer, so rows are missing here; a larger "
     "--buffer helps."},
}};
static_assert(is_in_order(kEnglishMessages));

}  // namespace tcpladder
