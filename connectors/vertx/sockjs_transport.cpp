#include "connectors/vertx/sockjs_transport.hpp"

namespace junctor::vertx {
namespace {

/// So much comes before the first frame where a browser would keep a short answer to itself.
constexpr std::size_t prelude_bytes = 2048;
constexpr std::size_t longest_session = 256;

bool names_something(std::string_view segment) noexcept { return !segment.empty() && segment.find('.') == segment.npos; }

}  // namespace

std::optional<SockJsTransport> sockjs_transport(std::string_view segment) noexcept {
    if (segment == "xhr") return SockJsTransport::xhr;
    if (segment == "xhr_streaming") return SockJsTransport::xhr_streaming;
    if (segment == "eventsource") return SockJsTransport::eventsource;
    return std::nullopt;
}

HttpResponse sockjs_head(SockJsTransport transport) {
    const bool events = transport == SockJsTransport::eventsource;
    HttpResponse head(200, events ? "text/event-stream" : "application/javascript; charset=UTF-8", {});
    head.headers.push_back({"Cache-Control", "no-store, no-cache, no-transform, must-revalidate, max-age=0"});
    return head;
}

ByteBuffer sockjs_prelude(SockJsTransport transport) {
    ByteBuffer bytes;
    if (transport == SockJsTransport::xhr_streaming) {
        bytes.assign(prelude_bytes, 'h');
        bytes.push_back('\n');
    }
    if (transport == SockJsTransport::eventsource) append(bytes, std::string_view("\r\n"));
    return bytes;
}

/// A frame holds no line ends: those within strings are escaped.
void append_sockjs_frame(ByteBuffer& to, std::string_view frame, SockJsTransport transport) {
    const bool event = transport == SockJsTransport::eventsource;
    if (event) append(to, std::string_view("data: "));
    append(to, frame);
    append(to, std::string_view(event ? "\r\n\r\n" : "\n"));
}

bool join_sockjs_frames(std::string& frame, std::string_view next, std::size_t most) {
    if (!frame.starts_with("a[") || !next.starts_with("a[") || frame.size() + next.size() > most) return false;
    frame.back() = ',';
    frame += next.substr(2);
    return true;
}

std::optional<SockJsPath> read_sockjs_path(std::string_view path) noexcept {
    const std::size_t first = path.find('/');
    const std::size_t second = first == path.npos ? path.npos : path.find('/', first + 1);
    if (second == path.npos) return std::nullopt;
    const SockJsPath read{path.substr(first + 1, second - first - 1), path.substr(second + 1)};
    const bool whole = names_something(path.substr(0, first)) && names_something(read.session) && !read.what.empty();
    if (!whole || read.session.size() > longest_session) return std::nullopt;
    return read;
}

}  // namespace junctor::vertx
