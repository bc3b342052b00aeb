#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ports/http.hpp"

namespace junctor::web {

/// How an answer is framed on the wire.
struct ResponseFraming {
    enum class Body : std::uint8_t { length, chunked, until_close, none };

    Body body = Body::length;
    std::size_t length = 0;  ///< Body::length
    bool http11 = true;      ///< the version of the request
    bool keep_alive = true;
};

/// Reads a head that the framing guard has passed: method, path, query and headers. False when it is no request after all.
bool read_request_head(std::string_view head, HttpRequest& into);

/// Writes status line and headers. A header that would break out of its line is left out; framing headers are ours alone.
std::string write_response_head(const HttpResponse& response, const ResponseFraming& framing, std::string_view date);

/// `Content-Length`, `Transfer-Encoding`, `Connection`, `Host`: no business of whoever makes a request.
bool is_framing_header(std::string_view name) noexcept;

/// A whole request as it goes out; `more` headers come before its own. Nullopt where something in it would break out of its line;
/// framing headers are ours alone.
std::optional<ByteBuffer> write_request(const HttpRequest& request, std::string_view authority, const std::vector<Header>& more = {});

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
std::string http_date(WallTime time);

}  // namespace junctor::web
