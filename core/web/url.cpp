#include "core/web/url.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/base/base64.hpp"

namespace junctor::web {
namespace {

[[noreturn]] void refuse(std::string_view text, std::string_view trouble) {
    throw ClientError("'" + std::string(text) + "' " + std::string(trouble) + "; write it like http://127.0.0.1:8080");
}

bool valid_port(std::string_view port) noexcept {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    return !port.empty() && port.size() <= 5 && std::ranges::all_of(port, digit);
}

void split_authority(std::string_view authority, std::string_view text, Url& url) {
    std::size_t colon = authority.rfind(':');
    const std::size_t bracket = authority.rfind(']');
    if (colon != std::string_view::npos && bracket != std::string_view::npos && colon < bracket) colon = std::string_view::npos;
    std::string_view host = authority.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host.empty()) refuse(text, "names no host");
    url.host = host;
    url.port = colon == std::string_view::npos ? (url.secure() ? "443" : "80") : authority.substr(colon + 1);
    if (!valid_port(url.port)) refuse(text, "has no valid port");
}

}  // namespace

Url Url::parse(std::string_view text) {
    const std::size_t scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos) refuse(text, "is no URL");
    Url url;
    url.scheme = text.substr(0, scheme_end);
    const std::string_view rest = text.substr(scheme_end + 3);
    const std::size_t path = std::min(rest.find('/'), rest.size());
    split_authority(rest.substr(0, path), text, url);
    url.path = rest.substr(path);
    const auto forbidden = [](char c) { return c <= ' ' || c >= 0x7f; };
    if (std::ranges::any_of(url.path, forbidden) || std::ranges::any_of(url.host, forbidden)) refuse(text, "has characters that must be percent-encoded");
    return url;
}

std::string Url::authority() const { return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port; }

BlockingStream::Options stream_options(const Url& url, const ClientOptions& options) {
    return {url.host, url.port, url.secure(), options.ca_file, options.insecure, options.timeout};
}

std::vector<Header> authorization(const ClientOptions& options) {
    if (options.user.empty()) return {};
    ByteBuffer encoded;
    append_base64(encoded, as_bytes(options.user + ":" + options.password));
    return {{"Authorization", "Basic " + std::string(as_text(encoded))}};
}

}  // namespace junctor::web
