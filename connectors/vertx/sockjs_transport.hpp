#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/ports/http.hpp"

namespace junctor::vertx {

/// How frames reach a client of SockJS without a WebSocket (SockJS 0.3.3, "Protocol and framing"). Its other transports are for browsers of
/// before 2012.
enum class SockJsTransport : std::uint8_t {
    xhr,            ///< one frame, or several as one, in each answer
    xhr_streaming,  ///< a line each in an answer that goes on
    eventsource,    ///< an event each in such an answer
};

/// By the last segment of a request's path.
std::optional<SockJsTransport> sockjs_transport(std::string_view segment) noexcept;
constexpr bool goes_on(SockJsTransport transport) noexcept { return transport != SockJsTransport::xhr; }

/// The head of an answer, and what stands before its first frame.
HttpResponse sockjs_head(SockJsTransport transport);
ByteBuffer sockjs_prelude(SockJsTransport transport);
void append_sockjs_frame(ByteBuffer& to, std::string_view frame, SockJsTransport transport);

/// `a["1"]` and `a["2"]` become `a["1","2"]`. False, and nothing done: `next` is no such frame, or the two become longer than `most`.
bool join_sockjs_frames(std::string& frame, std::string_view next, std::size_t most);

/// `<server>/<session>/<what>`, of which no part is empty and the first two hold no dot.
struct SockJsPath {
    std::string_view session;
    std::string_view what;
};
std::optional<SockJsPath> read_sockjs_path(std::string_view path) noexcept;

}  // namespace junctor::vertx
