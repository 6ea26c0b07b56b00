// SPDX-License-Identifier: MIT
#include "lab/tcp_counters.h"

#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "support/error.h"
#include "support/read_file.h"

namespace tcpladder::lab {
namespace {

/// Two lines of a file, of names and of values, each after the same word.
class Table {
public:
    Table(const char* path, std::string_view word) : path_(path) {
        for_each_line(path, [&](std::string_view line) {
            if (!line.starts_with(word))
                return;
            std::istringstream words{std::string(line)};
            rows_.emplace_back(std::istream_iterator<std::string>(words),
                               std::istream_iterator<std::string>());
        });
    }
    std::uint64_t value(std::string_view name) const {
        for (std::size_t i = 0; rows_.size() == 2 && i < rows_[0].size(); ++i) {
            if (rows_[0][i] == name)
                return std::stoull(rows_[1].at(i));
        }
        throw Error(path_ + " does not tell " + std::string(name));
    }

private:
    std::string path_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace

TcpCounters read_tcp_counters() {
    const Table tcp("/proc/thread-self/net/snmp", "Tcp:");
    const Table more("/proc/thread-self/net/netstat", "TcpExt:");
    return {tcp.value("OutSegs"), tcp.value("RetransSegs"), tcp.value("EstabResets"),
            more.value("TCPAbortOnTimeout")};
}

}  // namespace tcpladder::lab
