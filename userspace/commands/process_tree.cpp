// SPDX-License-Identifier: MIT
#include "commands/process_tree.h"

#include <charconv>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "support/read_file.h"

namespace tcpladder {
namespace {

std::optional<std::uint32_t> number_in(std::string_view text) {
    std::uint32_t number = 0;
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    return parsed.ec == std::errc() && parsed.ptr == end ? std::optional(number) : std::nullopt;
}

// `1234 (any name, with (brackets)) S 1 …`: the fourth field.
std::optional<std::uint32_t> parent_of(const std::string& process) {
    std::optional<std::uint32_t> parent;
    for_each_line("/proc/" + process + "/stat", [&](std::string_view line) {
        const auto bracket = line.rfind(") ");
        if (bracket == std::string_view::npos || line.size() < bracket + 5)
            return;
        line.remove_prefix(bracket + 4);
        parent = number_in(line.substr(0, line.find(' ')));
    });
    return parent;
}

}  // namespace

std::vector<std::uint32_t> process_tree(std::uint32_t root) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> parents;
    std::error_code ignored;
    bool there = false;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
        const auto name = entry.path().filename().string();
        const auto pid = number_in(name);
        if (!pid)
            continue;
        there = there || *pid == root;
        if (const auto parent = parent_of(name))
            parents.emplace_back(*pid, *parent);
    }
    std::set<std::uint32_t> tree;
    if (there)
        tree.insert(root);
    for (std::size_t before = 0; tree.size() != before;) {
        before = tree.size();
        for (const auto& [pid, parent] : parents) {
            if (tree.contains(parent))
                tree.insert(pid);
        }
    }
    return {tree.begin(), tree.end()};
}

}  // namespace tcpladder
