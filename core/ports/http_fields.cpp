#include "core/ports/http_fields.hpp"

#include <algorithm>

#include "core/base/setup_error.hpp"

namespace junctor {
namespace {

constexpr std::string_view unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
constexpr std::string_view for_themselves = "!$&'()*+,;=:@";

bool may_stand(char c) noexcept { return unreserved.find(c) != std::string_view::npos || for_themselves.find(c) != std::string_view::npos; }

bool is_hex(char c) noexcept { return std::string_view("0123456789ABCDEFabcdef").find(c) != std::string_view::npos; }

bool is_escape(std::string_view text) noexcept { return text.size() >= 3 && text[0] == '%' && is_hex(text[1]) && is_hex(text[2]); }

/// Clients take `.` and `..` out before they ask.
bool is_segment(std::string_view text) noexcept {
    if (text.empty() || text == "." || text == "..") return false;
    while (!text.empty()) {
        const bool escape = is_escape(text);
        if (!escape && !may_stand(text[0])) return false;
        text.remove_prefix(escape ? 3 : 1);
    }
    return true;
}

bool is_path(std::string_view text) noexcept {
    if (!text.starts_with('/')) return false;
    text.remove_prefix(1);
    while (!text.empty()) {
        const std::string_view segment = text.substr(0, text.find('/'));
        if (!is_segment(segment)) return false;
        text.remove_prefix(std::min(text.size(), segment.size() + 1));
    }
    return true;
}

bool ends_in_usual_port(std::string_view origin) noexcept {
    return (origin.starts_with("https:") && origin.ends_with(":443")) || (origin.starts_with("http:") && origin.ends_with(":80"));
}

/// Browsers write a scheme and a host, and a port only where it is not the usual one.
bool is_origin(std::string_view text) noexcept {
    if (text == "*" || text == "null") return true;
    const std::size_t scheme = text.find("://");
    if (scheme == 0 || scheme == std::string_view::npos || ends_in_usual_port(text)) return false;
    const std::string_view place = text.substr(scheme + 3);
    return !place.empty() && place.find_first_of("/?#@*, \\") == std::string_view::npos;
}

}  // namespace

void check_http_path(const config::Section& section) {
    if (!section.has("path") || is_path(section.text("path"))) return;
    throw SetupError(section.where("path") + ": '" + section.text("path") +
                     "' is no path: it begins with '/', and what stands between slashes is written as in a URL, such as /v1 or /caf%C3%A9");
}

void check_origins(const config::Section& section) {
    for (const std::string& each : section.texts("origins"))
        if (!is_origin(each))
            throw SetupError(section.where("origins") + ": '" + each +
                             "' is no origin as browsers send it: write https://app.example, without a path, and with a port only where it is not the usual one");
}

}  // namespace junctor
