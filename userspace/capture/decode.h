// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "capture/kernel_names.h"
#include "model/event.h"

namespace tcpladder {

/// Turns the bytes of one kernel record (bpf/events.h) into an Event.
class Decoder {
public:
    /// All must outlive the decoder.
    Decoder(const CallChains& chains, const EnumNames& reset_reasons, const EnumNames& drop_reasons)
        : chains_(&chains), reset_reasons_(&reset_reasons), drop_reasons_(&drop_reasons) {}

    /// Fills `event`. Returns an empty text, or what is wrong with the record
    /// (then `event` is not valid). Never reads past `record`.
    std::string_view decode(std::span<const std::byte> record, Event& event) const;

private:
    const CallChains* chains_;
    const EnumNames* reset_reasons_;
    const EnumNames* drop_reasons_;
};

}  // namespace tcpladder
