// SPDX-License-Identifier: MIT
#include "support/net_namespace.h"

#include <charconv>

#include <sys/stat.h>

namespace tcpladder {

namespace {

std::uint32_t inode_of_file(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint32_t>(status.st_ino) : 0;
}

}  // namespace

std::uint32_t own_netns() {
    return inode_of_file("/proc/self/ns/net");
}

std::uint32_t netns_named(const std::string& text) {
    std::uint32_t number = 0;
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec == std::errc() && parsed.ptr == end)
        return number;
    return inode_of_file(text.find('/') != std::string::npos ? text : "/run/netns/" + text);
}

}  // namespace tcpladder
