// SPDX-License-Identifier: MIT
// A line: what was read of it, written and read again, is the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "recording/event_text.h"
#include "recording/tl1.h"
#include "unit/event_fields.h"

namespace tcpladder::test {
namespace {

const Disguise kDisguise(0x0123456789abcdef);

std::string_view kind_in(std::string_view line) {
    tl1::Fields fields(line);
    while (const auto key = fields.next()) {
        if (key == tl1::key("k"))
            return fields.text();
    }
    return "";
}

bool is_line(std::string_view text) {
    for (const char c : text) {
        if (c < 0x20 || c >= 0x7f)
            return false;
    }
    return true;
}

void read_and_write_again(std::string_view line) {
    const auto kind = kind_in(line);
    const auto read = [kind](std::string_view text, Event& event) {
        tl1::Fields fields(text);
        if (kind != "seg")
            return read_fields(tl1::key(kind), fields, event);
        event.body.emplace<Segment>();
        return read_segment_fields(fields, event);
    };
    Event first;
    if (!read(line, first).empty())
        return;
    require(kind == kind_of(first), "the kind stays what it is");
    TextBuffer text;
    tl1::put_start(text, kind, 1, 2);
    write_fields(text, first, kDisguise);
    require(is_line(text.view()), "a line is printable ASCII");
    Event second;
    require(read(text.view(), second).empty(), "what we write we can read");
    require_equal(fields_of(disguised(first, kDisguise)), fields_of(second), "the event");
    TextBuffer message;
    write_message(message, first);
}

void quote_and_unquote(std::string_view bytes) {
    TextBuffer text;
    text.append("tl1");
    tl1::put_text(text, " key=", bytes);
    require(is_line(text.view()), "a value is printable ASCII");
    tl1::Fields fields(text.view());
    require(fields.next() == tl1::key("key"), "a value can be read");
    require_equal(tl1::unescape(fields.text()), std::string(bytes), "a value");
    require(fields.next() == 0 && !fields.malformed(), "a value is one field");
}

void parse_end(std::string_view text) {
    Endpoint end;
    if (!parse_endpoint(text, end) || end.address.version == 0)
        return;
    auto again = to_string(end.address);
    if (end.address.version == 6)
        again = "[" + again + "]";
    Endpoint second;
    require(parse_endpoint(again + ":" + std::to_string(end.port), second), "an endpoint's text");
    require(end == second, "an endpoint");
}

}  // namespace
}  // namespace tcpladder::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    tcpladder::test::read_and_write_again(text);
    tcpladder::test::quote_and_unquote(text);
    tcpladder::test::parse_end(text);
    return 0;
}
