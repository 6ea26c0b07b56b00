// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "recording/byte_source.h"

namespace tcpladder {

/// Whether this is the start of a file with recordings of ours, be it after
/// capture tools have written it anew.
bool is_recording(std::string_view start);

/// The recording that a file consists of, if its last record stands where it was
/// written: then nobody has put another one before it, and recordings_in() need not
/// read the file. `tail` is the end of the file, from `offset` on.
std::optional<std::uint32_t> only_recording_of(std::string_view tail, std::uint64_t offset);

/// The recordings in a file (several after mergecap or cat), in the order of their
/// first mention. Reads it to its end, but only the frames of its blocks.
std::vector<std::uint32_t> recordings_in(ByteSource& source);

}  // namespace tcpladder
