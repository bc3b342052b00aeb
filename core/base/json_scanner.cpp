#include "core/base/json_scanner.hpp"

#include <algorithm>
#include <cstring>

#include "core/base/utf8.hpp"

namespace junctor {
namespace {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// A byte that ends a run of plain characters within a string: a quote, a backslash, a control character, the first of a longer sequence.
constexpr bool is_special(char c) noexcept { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x80; }

constexpr std::uint64_t every_byte(std::uint8_t value) noexcept { return std::uint64_t{0x0101'0101'0101'0101} * value; }

/// Nonzero where one of eight bytes is special. May also be nonzero behind such a byte, never without one.
constexpr std::uint64_t special_bytes(std::uint64_t word) noexcept {
    const auto zero = [](std::uint64_t bytes) { return (bytes - every_byte(1)) & ~bytes; };
    return (zero(word ^ every_byte('"')) | zero(word ^ every_byte('\\')) | ((word - every_byte(0x20)) & ~word) | word) & every_byte(0x80);
}

}  // namespace

JsonScanner::JsonScanner(std::string_view text, const JsonLimits& limits) noexcept : text_(text), limits_(limits) {
    limits_.nesting = std::min(limits_.nesting, JsonLimits::deepest_nesting);
}

JsonErrc JsonScanner::run() noexcept {
    if (text_.size() > limits_.bytes) return JsonErrc::too_large;
    while (value() && follow()) {}
    return error_;
}

bool JsonScanner::fail(JsonErrc error) noexcept {
    error_ = error;
    return false;
}

bool JsonScanner::accept(char c) noexcept {
    if (peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
}

void JsonScanner::skip_space() noexcept {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
}

/// Opens what is to be opened and reads up to the end of the first value in it.
bool JsonScanner::value() noexcept {
    for (;;) {
        skip_space();
        if (++values_ > limits_.values) return fail(JsonErrc::too_large);
        const char first = peek();
        if (first != '{' && first != '[') return leaf(first);
        if (!open(first)) return false;
        skip_space();
        if (peek() == closer()) return true;
        if (in_object() && !name()) return false;
    }
}

/// Closes what is to be closed; true when another value is due.
bool JsonScanner::follow() noexcept {
    while (depth_ > 0) {
        skip_space();
        if (accept(closer())) {
            --depth_;
            continue;
        }
        if (!accept(',')) return fail(JsonErrc::syntax);
        return !in_object() || name();
    }
    skip_space();
    return at_ != text_.size() && fail(JsonErrc::syntax);
}

bool JsonScanner::open(char bracket) noexcept {
    if (depth_ == limits_.nesting) return fail(JsonErrc::too_deep);
    objects_[depth_++] = bracket == '{';
    ++at_;
    return true;
}

bool JsonScanner::leaf(char first) noexcept {
    switch (first) {
        case '"': return string();
        case 't': return word("true");
        case 'f': return word("false");
        case 'n': return word("null");
        default: return number();
    }
}

bool JsonScanner::name() noexcept {
    skip_space();
    if (!string()) return false;
    skip_space();
    return accept(':') || fail(JsonErrc::syntax);
}

bool JsonScanner::string() noexcept {
    if (!accept('"')) return fail(JsonErrc::syntax);
    for (;;) {
        skip_plain();
        if (at_ == text_.size()) return fail(JsonErrc::syntax);
        if (accept('"')) return true;
        if (!character(text_[at_])) return false;
    }
}

void JsonScanner::skip_plain() noexcept {
    for (; text_.size() - at_ >= sizeof(std::uint64_t); at_ += sizeof(std::uint64_t)) {
        std::uint64_t word;
        std::memcpy(&word, text_.data() + at_, sizeof word);
        if (special_bytes(word) != 0) break;
    }
    while (at_ < text_.size() && !is_special(text_[at_])) ++at_;
}

bool JsonScanner::character(char first) noexcept {
    if (first == '\\') return escape();
    if (static_cast<unsigned char>(first) < 0x20) return fail(JsonErrc::syntax);
    const std::size_t size = utf8_sequence(text_.substr(at_));
    at_ += size;
    return size != 0 || fail(JsonErrc::bad_utf8);
}

bool JsonScanner::escape() noexcept {
    ++at_;
    if (accept('u')) return code_point();
    if (at_ == text_.size() || std::strchr("\"\\/bfnrt", text_[at_]) == nullptr || text_[at_] == '\0') return fail(JsonErrc::syntax);
    ++at_;
    return true;
}

/// A UTF-16 surrogate stands only in a pair.
bool JsonScanner::code_point() noexcept {
    std::uint32_t unit = 0;
    if (!hex4(unit)) return false;
    if (unit < 0xd800 || unit > 0xdfff) return true;
    if (unit > 0xdbff || !accept('\\') || !accept('u')) return fail(JsonErrc::bad_utf8);
    if (!hex4(unit)) return false;
    return (unit >= 0xdc00 && unit <= 0xdfff) || fail(JsonErrc::bad_utf8);
}

bool JsonScanner::hex4(std::uint32_t& unit) noexcept {
    unit = 0;
    for (int count = 0; count < 4; ++count, ++at_) {
        const char c = peek();
        const char lower = static_cast<char>(c | 0x20);
        if (!is_digit(c) && (lower < 'a' || lower > 'f')) return fail(JsonErrc::syntax);
        unit = unit << 4 | static_cast<std::uint32_t>(is_digit(c) ? c - '0' : lower - 'a' + 10);
    }
    return true;
}

bool JsonScanner::number() noexcept {
    accept('-');
    if (!accept('0') && !digits()) return false;
    if (accept('.') && !digits()) return false;
    if (!accept('e') && !accept('E')) return true;
    if (!accept('+')) accept('-');
    return digits();
}

bool JsonScanner::digits() noexcept {
    if (!is_digit(peek())) return fail(JsonErrc::syntax);
    while (is_digit(peek())) ++at_;
    return true;
}

bool JsonScanner::word(std::string_view literal) noexcept {
    if (text_.substr(at_, literal.size()) != literal) return fail(JsonErrc::syntax);
    at_ += literal.size();
    return true;
}

}  // namespace junctor
