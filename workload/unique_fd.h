// SPDX-License-Identifier: MIT
#pragma once

namespace daytime {

/// Owns one file descriptor, or none (-1). The destructor closes it.
class UniqueFd {
public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : fd_(fd) {}
    ~UniqueFd();

    UniqueFd(UniqueFd&& other) noexcept;
    UniqueFd& operator=(UniqueFd&& other) noexcept;
    UniqueFd(const UniqueFd&) = delete;
    UniqueFd& operator=(const UniqueFd&) = delete;

    /// The descriptor, still owned here; -1 if there is none.
    int get() const { return fd_; }

    /// Closes now and reports a failure, which the destructor cannot. Owns nothing afterwards.
    void close();

private:
    int release();

    int fd_ = -1;
};

}  // namespace daytime
