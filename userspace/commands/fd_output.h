// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "views/view.h"

namespace tcpladder {

/// Collects a view's text and writes it to a descriptor in large pieces; the
/// owner of the loop calls flush() when the user should see what there is.
class FdOutput : public Output {
public:
    /// `name` is for error messages: `standard output`. The descriptor stays the
    /// caller's, who ignores SIGPIPE.
    FdOutput(int fd, std::string name);

    void write(std::string_view text) override;
    void flush();

    /// The reader went away (`| head -3`): all that follows is dropped.
    bool closed() const { return closed_; }

private:
    int fd_;
    std::string name_;
    std::string buffer_;
    bool closed_ = false;
};

}  // namespace tcpladder
