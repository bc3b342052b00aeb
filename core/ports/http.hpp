#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/model/envelope.hpp"
#include "core/ports/stream.hpp"

namespace junctor {

class Core;

/// A request as routes see it. Framing has been checked (DESIGN 7.6), the body is whole. Header names compare without case.
struct HttpRequest {
    std::string method;
    std::string path;                    ///< as sent, still percent-encoded, without the query
    std::string query;                   ///< as sent, without `?`
    std::vector<Header> headers;
    ByteBuffer body;
    Peer peer;

    /// The first header of that name; empty when there is none.
    std::string_view header(std::string_view name) const noexcept;
    /// The first query parameter of that name, percent-decoded; nullopt when there is none.
    std::optional<std::string> parameter(std::string_view name) const;
};

struct HttpResponse {
    unsigned status = 200;
    std::vector<Header> headers;
    ByteBuffer body;

    HttpResponse() = default;
    HttpResponse(unsigned code, std::string_view content_type, std::string_view text);
    /// RFC 9457 problem+json; `detail` says what to do.
    static HttpResponse problem(unsigned status, std::string_view code, std::string_view detail);
};

/// One request and its one response. Lives on its core; kept by whoever answers later. Dropping the last reference without an
/// answer answers 500.
class HttpExchange {
public:
    virtual ~HttpExchange() = default;

    virtual const HttpRequest& request() const noexcept = 0;
    virtual Core& core() const noexcept = 0;

    /// Whoever asks is known: the limits on strangers' connections end here. An answer below 400 says so too.
    virtual void identified() noexcept {}

    /// From `HttpRoute::admit`, at once or later: the body is read whole, then the route's handler gets this exchange.
    virtual void admit_body() noexcept = 0;

    /// The whole answer; once.
    virtual void respond(HttpResponse response) noexcept = 0;

    /// Or an answer without an end (server-sent events): status and headers now, then `write` until `finish`.
    virtual void begin(HttpResponse head) noexcept = 0;
    virtual void write(Bytes head, const SharedSlice& tail) noexcept = 0;
    virtual void finish() noexcept = 0;
    /// Ends such an answer half way: its connection goes at once, for this reason.
    virtual void abort(CloseReason reason) noexcept = 0;
    virtual std::size_t queued() const noexcept = 0;
    virtual bool wants_more() const noexcept = 0;
    /// As `Stream::charge`, until the answer is complete.
    virtual void charge(Ref<QueueShare>) noexcept {}

    /// Told once, when the client goes before the answer is complete; nothing is written any more then.
    virtual void on_closed(std::function<void()> told) = 0;
    /// Told whenever a full queue has drained.
    virtual void on_writable(std::function<void()> told) = 0;
    /// Told once, when the gateway drains: finish soon.
    virtual void on_drain(std::function<void()> told) = 0;
};

/// Percent-decodes; nullopt for a broken escape.
std::optional<std::string> percent_decode(std::string_view text);
std::string percent_encode(std::string_view text, std::string_view keep = "");

}  // namespace junctor
