// SPDX-License-Identifier: MIT
// From a message to its sentence: the fields, in the words of the language.
#include "views/explain/explainer.h"

#include "views/printable.h"
#include "views/row_time.h"

namespace tcpladder {
namespace {

constexpr unsigned kMaxShift = 14;  // RFC 7323 section 2.3

std::uint64_t scale(const RememberedEnd& end) {
    return std::uint64_t{1} << std::min(unsigned{end.window_scale.value_or(0)}, kMaxShift);
}

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// A Chinese character, and no punctuation (U+3000 to U+303F, U+FF00 to U+FFFF).
bool starts_with_ideograph(std::string_view text) {
    return !text.empty() && static_cast<unsigned char>(text[0]) >= 0xe4 &&
           static_cast<unsigned char>(text[0]) <= 0xe9;
}

bool ends_with_ideograph(std::string_view text) {
    return text.size() >= 3 && starts_with_ideograph(text.substr(text.size() - 3));
}

}  // namespace

// A sentence follows another after a blank; Chinese full stops need none.
void Explainer::say(Message message) {
    const auto index = static_cast<std::size_t>(message);
    const std::uint32_t here = entry_->side != nullptr ? entry_->side->connection : 0;
    const bool first_time = said_in_[index] > here || said_in_[index] == kNowhere;
    said_in_[index] = std::min(said_in_[index], here);
    const std::size_t begin = text_.size();
    if (begin > 0 && !chinese()) {
        text_.append(' ');
    }
    const std::size_t first = text_.size();
    bool shown = true;
    std::string_view rest = text_of(message, language_);
    while (!rest.empty()) {
        const MessagePiece piece = take_piece(rest);
        if (piece.kind == MessagePiece::Kind::kOpen) {
            shown = first_time;
        } else if (piece.kind == MessagePiece::Kind::kClose) {
            shown = true;
        } else if (shown) {
            append(piece, rest);
        }
    }
    if (text_.size() == first) {
        text_.truncate(begin);
    }
}

void Explainer::append(const MessagePiece& piece, std::string_view rest) {
    if (piece.kind == MessagePiece::Kind::kText) {
        return text_.append(piece.text);
    }
    switch (piece.field) {
        case MessageField::kFrom:
        case MessageField::kFromFirst:
            append_end(*from_, true, piece.field == MessageField::kFromFirst);
            break;
        case MessageField::kTo:
        case MessageField::kToFirst:
            append_end(*to_, false, piece.field == MessageField::kToFirst);
            break;
        case MessageField::kSeq: {
            const TcpHeader& tcp = segment_->tcp;
            append_symbols(*from_, tcp.has(tcp_flag::kFin) ? tcp.end() - 1 : tcp.seq, true);
            break;
        }
        case MessageField::kAck:
            append_symbols(*to_, segment_->tcp.ack, false);
            break;
        case MessageField::kRange:
            append_range();
            break;
        case MessageField::kNext:
            append_number(*from_, segment_->tcp.end());
            break;
        case MessageField::kNumber:
            append_number(*to_, segment_->tcp.ack);
            break;
        case MessageField::kBytes:
            append_bytes(segment_->tcp.payload);
            break;
        case MessageField::kRow:
            append_row(row_, "");
            break;
        case MessageField::kOther:
            append_row(other_, "");
            break;
        case MessageField::kCopy:
            append_row(segment_->copy_of, chinese() ? "首次发送：" : "first sent: ");
            break;
        case MessageField::kTime:
            append_ms(text_, time_);
            text_.append(chinese() ? " 毫秒" : " ms");
            break;
        case MessageField::kWindow:
            text_.append_decimal(segment_->window_scaled.value_or(segment_->tcp.window));
            break;
        case MessageField::kCount:
            text_.append_decimal(segment_ != nullptr ? segment_->gso_segs : count_);
            break;
        case MessageField::kSize:
            text_.append_decimal(segment_->gso_size);
            break;
        case MessageField::kReason:
            append_reason();
            break;
        case MessageField::kScaleFrom:
            text_.append_decimal(scale(*from_));
            break;
        case MessageField::kScaleTo:
            text_.append_decimal(scale(*to_));
            break;
    }
    if (!text_.empty() && starts_with_ideograph(rest) && is_letter_or_digit(text_.view().back())) {
        text_.append(' ');
    }
}

// By its role, if the peer does not have the same; else by its name.
void Explainer::append_end(const RememberedEnd& end, bool local, bool first) {
    Role role = end.role;
    if (role == Role::kUnknown && !local && from_->role != Role::kUnknown) {
        role = from_->role == Role::kClient ? Role::kServer : Role::kClient;
    }
    const bool ambiguous = from_->role == to_->role && to_->id != 0;
    if (role == Role::kUnknown || ambiguous) {
        const Side& side = *entry_->side;
        const Endpoint& endpoint = local ? side.local : side.remote;
        if (chinese() && ends_with_ideograph(text_.view())) {
            text_.append(' ');
        }
        text_.set_end(format_to(text_.room(kMaxEndpointText), endpoint));
    } else if (chinese()) {
        text_.append(role == Role::kClient ? "客户端" : "服务器");
    } else {
        text_.append(first ? "The " : "the ");
        text_.append(role == Role::kClient ? "client" : "server");
    }
}

void Explainer::append_row(std::uint64_t n, std::string_view before) {
    if (n == 0) {
        return;
    }
    text_.append(chinese() ? "（" : " (");
    text_.append(before);
    text_.append('#');
    text_.append_decimal(n);
    text_.append(chinese() ? "）" : ")");
}

// J and K are the initial numbers of client and server, as in UNIX Network
// Programming.
char Explainer::symbol_of(const RememberedEnd& end) const {
    if (!end.syn.seen() || (from_->role == to_->role && to_->id != 0)) {
        return 0;
    }
    const bool client = end.role != Role::kUnknown
                            ? end.role == Role::kClient
                            : conversation_->peer_of(end).role == Role::kServer;
    return client ? 'J' : 'K';
}

void Explainer::append_offset(char symbol, std::uint32_t offset) {
    text_.append(symbol);
    if (offset != 0) {
        text_.append('+');
        text_.append_decimal(offset);
    }
}

// `821610677 = M+1 = K+28`, or the other way round.
void Explainer::append_symbols(const RememberedEnd& end, Seq seq, bool symbol_first) {
    const char initial = symbol_of(end);
    const bool at_fin = end.fin.seen() && (seq == end.fin.seq || seq == end.fin.seq + 1);
    if (!symbol_first) {
        text_.append_decimal(seq);
    }
    if (at_fin) {
        text_.append(symbol_first ? "" : " = ");
        append_offset(end.fin_symbol, seq - end.fin.seq);
        text_.append(symbol_first ? " = " : "");
    }
    if (initial != 0) {
        text_.append(symbol_first ? "" : " = ");
        append_offset(initial, seq - end.syn.seq);
        text_.append(symbol_first ? " = " : "");
    }
    if (symbol_first) {
        text_.append_decimal(seq);
    }
}

// Briefly: a symbol where there is one, else the number that the row shows.
void Explainer::append_number(const RememberedEnd& end, Seq seq) {
    if (end.fin.seen() && seq == end.fin.seq + 1) {
        return append_offset(end.fin_symbol, 1);
    }
    if (const char initial = symbol_of(end)) {
        return append_offset(initial, seq - end.syn.seq);
    }
    text_.append_decimal(seq - end.base.value_or(0));
}

void Explainer::append_range() {
    const TcpHeader& tcp = segment_->tcp;
    const Seq first = tcp.seq + (tcp.has(tcp_flag::kSyn) ? 1U : 0U);
    append_number(*from_, first);
    if (tcp.payload > 1) {
        text_.append(chinese() ? " 到 " : " to ");
        append_number(*from_, first + tcp.payload - 1);
    }
}

void Explainer::append_bytes(std::uint64_t bytes) {
    text_.append_decimal(bytes);
    text_.append(chinese() ? " 字节" : bytes == 1 ? " byte" : " bytes");
}

void Explainer::append_reason() {
    std::string_view rest = reason_;
    while (!rest.empty()) {
        const Glyph glyph = glyph_of(rest, false);
        text_.append(glyph.view());
        rest.remove_prefix(glyph.source);
    }
}

}  // namespace tcpladder
