// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace tcpladder {

/// Where what stands, in columns:
///
///     time  #n [conversation]  state │ arrows, causes │ state
///
/// The states need what their names take; everything else is for the arrows.
class LadderLayout {
public:
    static constexpr std::size_t kLeastWidth = 80;

    /// A width below kLeastWidth is taken for that.
    LadderLayout(std::size_t width, std::size_t time_width, std::size_t label_width);

    /// Makes room for a longer time, number or label, as far as it is sensible: the
    /// left rail moves. A column that is not there does not come.
    void need(std::size_t time_width, std::size_t number_width, std::size_t label_width);

    std::size_t width() const { return width_; }
    std::size_t time_width() const { return time_width_; }
    std::size_t number_width() const { return number_width_; }
    /// Of the column that tells conversations apart; 0: there is none.
    std::size_t label_width() const { return label_width_; }
    /// Where the time, number and label end, with a blank behind.
    std::size_t prefix() const;
    std::size_t left_rail() const { return prefix() + margin() + 1; }
    std::size_t right_rail() const { return width_ - margin() - 2; }
    /// Columns between the rails.
    std::size_t middle() const { return right_rail() - left_rail() - 1; }

    /// Whether RFC 9293's name fits beside Linux's.
    bool has_wide_margins() const { return width_ >= kWide; }

private:
    static constexpr std::size_t kState = 12;      ///< `ESTABLISHED*`
    static constexpr std::size_t kBothNames = 24;  ///< `SYN_RECV (SYN-RECEIVED)*`
    static constexpr std::size_t kWide = 144;

    std::size_t margin() const { return has_wide_margins() ? kBothNames : kState; }

    std::size_t width_;
    std::size_t time_width_;
    std::size_t number_width_ = 4;  ///< `#999`
    std::size_t label_width_;
};

}  // namespace tcpladder
