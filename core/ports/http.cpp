#include "core/ports/http.hpp"

#include <algorithm>
#include <array>

#include "core/base/ascii.hpp"

namespace junctor {
namespace {

int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    const char l = ascii_lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

bool unreserved(char c) noexcept {
    const char l = ascii_lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

constexpr std::string_view hex_digits = "0123456789ABCDEF";

void append_json_text(std::string& out, std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            out += "\\u00";
            out += hex_digits[byte >> 4];
            out += hex_digits[byte & 15];
        } else {
            out += c;
        }
    }
}

struct Title {
    unsigned status;
    std::string_view text;
};

constexpr std::array titles{
    Title{400, "Bad Request"},          Title{401, "Unauthorized"},       Title{403, "Forbidden"},
    Title{404, "Not Found"},            Title{405, "Method Not Allowed"}, Title{406, "Not Acceptable"},
    Title{408, "Request Timeout"},      Title{409, "Conflict"},           Title{410, "Gone"},
    Title{413, "Content Too Large"},    Title{414, "URI Too Long"},       Title{415, "Unsupported Media Type"},
    Title{417, "Expectation Failed"},   Title{421, "Misdirected Request"}, Title{426, "Upgrade Required"},
    Title{429, "Too Many Requests"},    Title{431, "Request Header Fields Too Large"},
    Title{500, "Internal Server Error"}, Title{501, "Not Implemented"},   Title{503, "Service Unavailable"},
    Title{504, "Gateway Timeout"},      Title{505, "HTTP Version Not Supported"},
};

std::string_view title_of(unsigned status) noexcept {
    const auto found = std::ranges::find(titles, status, &Title::status);
    return found == titles.end() ? "Error" : found->text;
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const noexcept {
    const auto found = std::ranges::find_if(headers, [&](const Header& header) { return equal_ignoring_case(header.name, name); });
    return found == headers.end() ? std::string_view{} : std::string_view(found->value);
}

std::optional<std::string> HttpRequest::parameter(std::string_view name) const {
    std::string_view rest = query;
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        if (percent_decode(pair.substr(0, equals)) != name) continue;
        return percent_decode(pair.substr(std::min(pair.size(), equals + 1)));
    }
    return std::nullopt;
}

HttpResponse::HttpResponse(unsigned code, std::string_view content_type, std::string_view text) : status(code) {
    if (!content_type.empty()) headers.push_back({"Content-Type", std::string(content_type)});
    append(body, text);
}

HttpResponse HttpResponse::problem(unsigned status, std::string_view code, std::string_view detail) {
    std::string text = R"({"type":"about:blank","title":")";
    text += title_of(status);
    text += R"(","status":)" + std::to_string(status) + R"(,"code":")";
    append_json_text(text, code);
    text += R"(","detail":")";
    append_json_text(text, detail);
    text += "\"}\n";
    return HttpResponse(status, "application/problem+json", text);
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            decoded += text[at];
            continue;
        }
        if (text.size() - at < 3) return std::nullopt;
        const int high = hex_digit(text[at + 1]);
        const int low = hex_digit(text[at + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        decoded += static_cast<char>(high << 4 | low);
        at += 2;
    }
    return decoded;
}

std::string percent_encode(std::string_view text, std::string_view keep) {
    std::string encoded;
    encoded.reserve(text.size());
    for (const char c : text) {
        if (unreserved(c) || keep.find(c) != std::string_view::npos) {
            encoded += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        encoded += '%';
        encoded += hex_digits[byte >> 4];
        encoded += hex_digits[byte & 15];
    }
    return encoded;
}

}  // namespace junctor
