#include "core/web/url.hpp"

#include "core/base/base64.hpp"

namespace junctor::web {

BlockingStream::Options stream_options(const Url& url, const ClientOptions& options) {
    return {url.host, url.port, url.secure(), options.ca_file, options.insecure, options.timeout, options.cert_file, options.key_file};
}

std::vector<Header> authorization(const ClientOptions& options) {
    if (!options.token.empty()) return {{"Authorization", "Bearer " + options.token}};
    if (options.user.empty()) return {};
    ByteBuffer encoded;
    append_base64(encoded, as_bytes(options.user + ":" + options.password));
    return {{"Authorization", "Basic " + std::string(as_text(encoded))}};
}

}  // namespace junctor::web
