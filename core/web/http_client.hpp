#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/ports/http.hpp"
#include "core/web/response_reader.hpp"
#include "core/web/url.hpp"

namespace junctor::web {

/// Opens a connection; `connect_blocking`, or a test's own.
using Dial = std::function<std::unique_ptr<BlockingStream>(const BlockingStream::Options&)>;

/// HTTP/1.1 to one server for command-line clients: blocking, one request at a time, on one connection that it opens anew when
/// the server has closed it. Errors are ClientErrors.
class HttpClient {
public:
    /// `headers` go with every request.
    HttpClient(Url url, BlockingStream::Options how, std::vector<Header> headers, Dial dial);

    /// A whole exchange, whatever its status.
    HttpResponse exchange(const HttpRequest& request, Duration timeout);

    /// Sends a request and waits for status and headers only; `read` gives the body.
    HttpResponse begin(const HttpRequest& request, Duration timeout);
    /// More of the body; empty after `wait` without any, nullopt at its end.
    std::optional<ByteBuffer> read(Duration wait);

private:
    void send(const HttpRequest& request);
    /// False after `wait` without a byte.
    bool receive(Duration wait);
    /// Gives the reader what has arrived; false when it needs more.
    bool consume();

    Url url_;
    BlockingStream::Options how_;
    std::vector<Header> headers_;
    Dial dial_;
    std::unique_ptr<BlockingStream> stream_;
    ResponseReader reader_;
    ByteBuffer unread_;
};

}  // namespace junctor::web
