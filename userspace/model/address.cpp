// SPDX-License-Identifier: MIT
#include "model/address.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>

namespace tcpladder {
namespace {

constexpr std::size_t kWords = 8;
constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

using Words = std::array<unsigned, kWords>;

/// A run of zero words; length 0: none.
struct Run {
    std::size_t first = 0;
    std::size_t length = 0;
};

/// A byte in decimal, and a dot behind it.
struct Octet {
    std::array<char, 4> text{};
    std::uint8_t digits = 0;
};

constexpr std::array<Octet, 256> make_octets() {
    std::array<Octet, 256> octets{};
    for (unsigned value = 0; value < octets.size(); ++value) {
        auto& octet = octets[value];
        for (unsigned place = 100; place > 0; place /= 10) {
            if (value >= place || place == 1)
                octet.text[octet.digits++] = static_cast<char>('0' + value / place % 10);
        }
        octet.text[octet.digits] = '.';
    }
    return octets;
}

constexpr auto kOctets = make_octets();

// One move for each, whatever its length.
char* put_ipv4(char* out, const std::uint8_t* bytes) {
    for (std::size_t i = 0; i < 4; ++i) {
        const auto& octet = kOctets[bytes[i]];
        std::memcpy(out, octet.text.data(), octet.text.size());
        out += octet.digits + 1;
    }
    return out - 1;
}

Words words_of(const Address& address) {
    Words words{};
    for (std::size_t i = 0; i < kWords; ++i) {
        words[i] = address.bytes[2 * i] * 256U + address.bytes[2 * i + 1];
    }
    return words;
}

/// What `::` stands for: the first of the longest runs of at least two words.
Run longest_zero_run(const Words& words) {
    Run best;
    Run current;
    for (std::size_t i = 0; i < kWords; ++i) {
        current = words[i] != 0 ? Run{i + 1, 0} : Run{current.first, current.length + 1};
        if (current.length > best.length) {
            best = current;
        }
    }
    return best.length >= 2 ? best : Run{};
}

/// Whether the last four bytes are an embedded IPv4 address (as inet_ntop() has it).
bool has_dotted_tail(const Words& words, const Run& zeros) {
    return zeros.length > 0 && zeros.first == 0 &&
           (zeros.length == 6 || (zeros.length == 5 && words[5] == 0xffff));
}

char* put_ipv6(char* out, const Address& address) {
    const Words words = words_of(address);
    const Run zeros = longest_zero_run(words);
    const bool dotted = has_dotted_tail(words, zeros);
    const std::size_t end = dotted ? 6 : kWords;
    for (std::size_t i = 0; i < end; ++i) {
        if (zeros.length > 0 && i == zeros.first) {
            *out++ = ':';
            *out++ = ':';
            i += zeros.length - 1;
            continue;
        }
        if (i > 0 && i != zeros.first + zeros.length) {
            *out++ = ':';
        }
        out = std::to_chars(out, out + 4, words[i], 16).ptr;
    }
    if (!dotted) {
        return out;
    }
    if (zeros.length == 5) {
        *out++ = ':';
    }
    return put_ipv4(out, &address.bytes[12]);
}

}  // namespace

Address unmapped(const Address& address) {
    if (address.version != 6 ||
        !std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin())) {
        return address;
    }
    Address result;
    result.version = 4;
    std::copy_n(&address.bytes[kMappedPrefix.size()], 4, result.bytes.begin());
    return result;
}

std::string to_string(const Address& address) {
    std::array<char, kMaxEndpointText> text{};
    return {text.data(), format_to(text.data(), address)};
}

std::string to_string(const Endpoint& endpoint) {
    std::array<char, kMaxEndpointText> text{};
    return {text.data(), format_to(text.data(), endpoint)};
}

char* format_to(char* out, const Address& address) {
    switch (address.version) {
        case 4:
            return put_ipv4(out, address.bytes.data());
        case 6:
            return put_ipv6(out, address);
        default:
            return out;
    }
}

char* format_to(char* out, const Endpoint& endpoint) {
    const bool brackets = endpoint.address.version == 6;
    if (brackets) {
        *out++ = '[';
    }
    out = format_to(out, endpoint.address);
    if (brackets) {
        *out++ = ']';
    }
    *out++ = ':';
    if (endpoint.port == 0) {
        *out++ = '?';
        return out;
    }
    return std::to_chars(out, out + 5, endpoint.port).ptr;
}

Address parse_address(std::string_view text) {
    std::array<char, INET6_ADDRSTRLEN> literal{};  // the NUL that inet_pton() needs
    if (text.size() >= literal.size() || text.find('\0') != std::string_view::npos) {
        return {};
    }
    std::copy(text.begin(), text.end(), literal.begin());
    Address result;
    if (inet_pton(AF_INET, literal.data(), result.bytes.data()) == 1) {
        result.version = 4;
        return result;
    }
    if (inet_pton(AF_INET6, literal.data(), result.bytes.data()) == 1) {
        result.version = 6;
        return unmapped(result);
    }
    return {};
}

}  // namespace tcpladder
