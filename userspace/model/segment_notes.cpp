// SPDX-License-Identifier: MIT
#include "model/segment_notes.h"

#include <array>

namespace tcpladder {
namespace {

// The order of Note.
constexpr std::array<std::string_view, kNoteCount> kWords{
    "retransmission",  "rto",         "fast",          "tlp",           "syn timeout",
    "syn+ack timeout", "spurious",    "out of order",  "previous lost", "duplicate ack",
    "acked unseen",    "zero window", "window full",   "window probe",  "probe ack",
    "window update",   "keepalive",   "keepalive ack", "challenge ack", "fast open",
    "not received",
};
static_assert(static_cast<unsigned>(Note::kNotReceived) + 1 == kNoteCount);

}  // namespace

std::string_view word(Note note) {
    return kWords[static_cast<std::size_t>(note)];
}

}  // namespace tcpladder
