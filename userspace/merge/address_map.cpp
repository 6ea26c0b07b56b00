// SPDX-License-Identifier: MIT
#include "merge/address_map.h"

#include <charconv>
#include <string_view>

#include "support/error.h"

namespace tcpladder {
namespace {

[[noreturn]] void refuse(const std::string& text) {
    throw UsageError("not a pair of addresses: '" + text + "'",
                     "write ADDRESS=ADDRESS or ADDRESS:PORT=ADDRESS:PORT");
}

bool parse_port(std::string_view text, std::uint16_t& port) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc{} && end == text.data() + text.size() && port != 0;
}

// `1.2.3.4`, `1.2.3.4:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
Endpoint parse_end(std::string_view text, const std::string& whole) {
    std::string_view address = text;
    std::string_view port;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos)
            refuse(whole);
        address = text.substr(1, close - 1);
        port = text.substr(close + 1);
    } else if (const auto colon = text.find(':'); colon == text.rfind(':') && colon != text.npos) {
        address = text.substr(0, colon);
        port = text.substr(colon);
    }
    Endpoint end{parse_address(address), 0};
    const bool port_is_good =
        port.empty() || (port.front() == ':' && parse_port(port.substr(1), end.port));
    if (end.address.version == 0 || !port_is_good)
        refuse(whole);
    return end;
}

}  // namespace

AddressMap::AddressMap(const std::vector<std::string>& texts) {
    for (const auto& text : texts) {
        const auto equals = text.find('=');
        if (equals == std::string::npos)
            refuse(text);
        const auto seen = parse_end(std::string_view(text).substr(0, equals), text);
        const auto real = parse_end(std::string_view(text).substr(equals + 1), text);
        if ((seen.port == 0) != (real.port == 0))
            refuse(text);
        ends_[seen] = real;
    }
}

Endpoint AddressMap::translate(const Endpoint& seen) const {
    if (const auto found = ends_.find(seen); found != ends_.end())
        return found->second;
    const auto found = ends_.find({seen.address, 0});
    return found != ends_.end() ? Endpoint{found->second.address, seen.port} : seen;
}

void AddressMap::translate(Event& event) const {
    if (empty())
        return;
    std::visit(
        [this](auto& body) {
            if constexpr (requires { body.ends; }) {
                body.ends = {translate(body.ends.local), translate(body.ends.remote)};
            } else if constexpr (requires { body.tcp; }) {
                body.tcp.source = translate(body.tcp.source);
                body.tcp.destination = translate(body.tcp.destination);
            }
        },
        event.body);
}

}  // namespace tcpladder
