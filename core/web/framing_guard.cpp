#include "core/web/framing_guard.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/web/field_line.hpp"

namespace junctor::web {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool all_digits(std::string_view text) noexcept { return std::ranges::all_of(text, is_digit); }

bool is_alphanumeric(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool target_character(char c) noexcept { return c > 0x20 && c < 0x7f && c != '#'; }

bool valid_port(std::string_view text) noexcept { return text.empty() || (text.front() == ':' && text.size() <= 6 && all_digits(text.substr(1))); }

/// A host name or address with an optional port; stricter than RFC 3986, which allows what no resolver does.
bool valid_host(std::string_view text) noexcept {
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos || end < 3) return false;
        const auto in_address = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.'; };
        return std::ranges::all_of(text.substr(1, end - 1), in_address) && valid_port(text.substr(end + 1));
    }
    const std::size_t colon = std::min(text.find(':'), text.size());
    const auto in_name = [](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; };
    return colon > 0 && std::ranges::all_of(text.substr(0, colon), in_name) && valid_port(text.substr(colon));
}

}  // namespace

FramingGuard::Step FramingGuard::scan(Bytes bytes) noexcept {
    while (!complete_ && refusal_.status == 0 && scanned_ < bytes.size()) {
        if (!check_byte(bytes)) return Step::refused;
        ++scanned_;
        const bool line_end = bytes[scanned_ - 1] == '\n';
        if (line_end && !line_ended(as_text(bytes.subspan(line_start_, scanned_ - 2 - line_start_)))) return Step::refused;
        if (line_end) line_start_ = scanned_;
    }
    if (refusal_.status != 0) return Step::refused;
    return complete_ ? Step::complete : Step::more;
}

bool FramingGuard::check_byte(Bytes bytes) noexcept {
    const std::uint8_t byte = bytes[scanned_];
    const bool after_cr = scanned_ > line_start_ && bytes[scanned_ - 1] == '\r';
    if (byte == '\n' && !after_cr) return refuse(400, "a line ends with a bare LF");
    if (byte != '\n' && after_cr) return refuse(400, "a bare CR in the head");
    if (byte != '\n' && byte != '\r' && byte != '\t' && (byte < 0x20 || byte == 0x7f)) return refuse(400, "a control byte in the head");
    if (!have_request_line_ && scanned_ >= max_request_line) return refuse(414, "the request line is longer than 8 KB");
    if (scanned_ >= max_head) return refuse(431, "the head is larger than 16 KB");
    return true;
}

bool FramingGuard::line_ended(std::string_view line) noexcept {
    if (!have_request_line_) return request_line(line);
    if (line.empty()) return head_ended();
    return field_line(line);
}

bool FramingGuard::request_line(std::string_view line) noexcept {
    have_request_line_ = true;
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return refuse(400, "not a request line");
    const std::string_view method = line.substr(0, first);
    const std::string_view target = line.substr(first + 1, last - first - 1);
    if (!is_token(method)) return refuse(400, "not a method");
    const bool origin_form = target.starts_with('/') || (target == "*" && method == "OPTIONS");
    if (!origin_form) return refuse(400, "the request target must be a path: this is no proxy");
    if (!std::ranges::all_of(target, target_character)) return refuse(400, "a character in the request target must be percent-encoded");
    return version(line.substr(last + 1));
}

bool FramingGuard::version(std::string_view text) noexcept {
    const bool is_version = text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) && text[6] == '.' && is_digit(text[7]);
    if (!is_version) return refuse(400, "not an HTTP version");
    if (text[5] != '1' || text[7] > '1') return refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    framing_.http11 = text[7] == '1';
    return true;
}

bool FramingGuard::field_line(std::string_view line) noexcept {
    if (++fields_ > max_fields) return refuse(431, "more than 100 header fields");
    if (line.front() == ' ' || line.front() == '\t') return refuse(400, "a header field is folded over lines");
    const auto field = FieldLine::parse(line);
    if (!field) return refuse(400, "not a header field");
    return framing_field(field->name, field->value);
}

bool FramingGuard::framing_field(std::string_view name, std::string_view value) noexcept {
    if (equal_ignoring_case(name, "Content-Length")) return content_length(value);
    if (equal_ignoring_case(name, "Transfer-Encoding")) return transfer_encoding(value);
    if (equal_ignoring_case(name, "Host")) return host(value);
    if (equal_ignoring_case(name, "Connection")) connection(value);
    if (!equal_ignoring_case(name, "Expect")) return true;
    framing_.expects_continue = equal_ignoring_case(value, "100-continue");
    return framing_.expects_continue || refuse(417, "the only expectation met here is 100-continue");
}

bool FramingGuard::content_length(std::string_view value) noexcept {
    if (have_length_) return refuse(400, "more than one Content-Length");
    have_length_ = true;
    if (value.empty() || !all_digits(value)) return refuse(400, "Content-Length is not one number");
    if (value.size() > 18) return refuse(413, "Content-Length is beyond all limits");
    framing_.body = Framing::Body::length;
    for (const char digit : value) framing_.length = framing_.length * 10 + static_cast<std::uint64_t>(digit - '0');
    return true;
}

bool FramingGuard::transfer_encoding(std::string_view value) noexcept {
    if (have_encoding_) return refuse(400, "more than one Transfer-Encoding");
    have_encoding_ = true;
    return equal_ignoring_case(value, "chunked") || refuse(400, "the only transfer coding taken is chunked");
}

bool FramingGuard::host(std::string_view value) noexcept {
    if (have_host_) return refuse(400, "more than one Host");
    have_host_ = true;
    return valid_host(value) || refuse(400, "not a valid Host");
}

void FramingGuard::connection(std::string_view value) noexcept {
    asked_close_ = asked_close_ || list_contains(value, "close");
    asked_keep_alive_ = asked_keep_alive_ || list_contains(value, "keep-alive");
}

bool FramingGuard::head_ended() noexcept {
    if (framing_.http11 && !have_host_) return refuse(400, "no Host");
    if (have_encoding_ && have_length_) return refuse(400, "both Content-Length and Transfer-Encoding");
    if (have_encoding_ && !framing_.http11) return refuse(400, "HTTP/1.0 has no Transfer-Encoding");
    if (have_encoding_) framing_.body = Framing::Body::chunked;
    framing_.keep_alive = !asked_close_ && (framing_.http11 || asked_keep_alive_);
    framing_.expects_continue = framing_.expects_continue && framing_.http11;
    complete_ = true;
    return true;
}

bool FramingGuard::refuse(unsigned status, std::string_view detail) noexcept {
    refusal_ = {status, detail};
    return false;
}

}  // namespace junctor::web
