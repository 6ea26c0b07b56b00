// SPDX-License-Identifier: MIT
#include "views/csv_text.h"

#include "views/printable.h"

namespace tcpladder {

TextBuffer& CsvLine::cell() {
    if (finished_) {
        text_.clear();
        finished_ = false;
        first_ = true;
    }
    if (!first_)
        text_.append(',');
    first_ = false;
    return text_;
}

void CsvLine::number(std::uint64_t value) {
    cell().append_decimal(value);
}

void CsvLine::signed_number(std::int64_t value) {
    cell().append_signed(value);
}

void CsvLine::word(std::string_view value) {
    cell().append(value);
}

void CsvLine::phrase(std::string_view value) {
    auto& out = cell();
    if (value.empty())
        return;
    out.append('"');
    out.append(value);
    out.append('"');
}

void CsvLine::nothing() {
    cell();
}

void CsvLine::name(std::string_view value) {
    auto& out = cell();
    if (value.empty())
        return;
    const PrintableName printable(value, false);
    out.append('"');
    for (const auto& glyph : printable.head())
        out.append(glyph.view() == "\"" ? std::string_view("\"\"") : glyph.view());
    out.append('"');
}

void CsvLine::endpoint(const Endpoint& endpoint) {
    auto& out = cell();
    if (endpoint.address.version != 0)
        out.set_end(format_to(out.room(kMaxEndpointText), endpoint));
}

std::string_view CsvLine::finish() {
    text_.append('\n');
    finished_ = true;
    return text_.view();
}

}  // namespace tcpladder
