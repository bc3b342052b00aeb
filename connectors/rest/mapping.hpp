#pragma once

#include <optional>
#include <string>

#include "connectors/rest/reader.hpp"
#include "connectors/websocket/codec_operation.hpp"
#include "core/model/close_reason.hpp"
#include "core/model/cloud_event.hpp"
#include "core/model/envelope.hpp"
#include "core/model/history_page.hpp"
#include "core/model/limits.hpp"
#include "core/ports/authenticator.hpp"
#include "core/ports/http.hpp"

namespace junctor::rest {

/// HTTP's word for every outcome.
unsigned status_of(Errc code) noexcept;
unsigned status_of(CloseReason reason) noexcept;

/// The problem+json for an outcome; `reason` is for people, empty: the code's own sentence.
HttpResponse problem(Errc code, std::string_view reason = {});
HttpResponse problem(CloseReason reason, std::string_view text);

/// Why a request is not understood.
struct Rejection {
    Errc code = Errc::bad_request;
    std::string detail;
};

/// Everything that a POST says about its message besides topic and body.
struct MessageOptions {
    Qos qos = Qos::at_most_once;
    bool retain = false;
    bool send = false;                ///< to one of the subscribers
    std::optional<Duration> ttl;
    std::optional<Duration> timeout;  ///< requests
    std::unique_ptr<Extras> extras;   ///< null when there is nothing in it
};

/// Reads query parameters and `Junctor-...` headers; a parameter wins. Unknown ones are refused: a typo must not lower a guarantee.
std::optional<Rejection> read_message_options(const HttpRequest& request, const Limits& limits, MessageOptions& into);

/// What a GET asks for besides its filter.
struct ReadOptions {
    Qos qos = Qos::at_most_once;
    std::optional<Duration> wait;
    bool events = false;  ///< server-sent events
    std::optional<HistoryStart> start;  ///< of the events
    std::optional<SessionAsked> session;
};
std::optional<Rejection> read_get_options(const HttpRequest& request, const Limits& limits, ReadOptions& into);

/// Whether a POST's body is a structured CloudEvent, or a batch of them.
bool holds_event(const HttpRequest& request) noexcept;
bool holds_event_batch(const HttpRequest& request) noexcept;
/// Takes the events out of such a body. What the request's own headers say besides goes into each of them.
std::optional<Rejection> read_events(const HttpRequest& request, const Limits& limits, const MessageOptions& options, std::vector<CloudEvent>& into);

/// Whether the answer is to show messages as CloudEvents: by `Accept`, or by `format=cloudevents`.
bool asks_for_events(const HttpRequest& request);

/// What a GET of a history asks for besides its filter.
std::optional<Rejection> read_history_options(const HttpRequest& request, HistoryQuestion& into);

/// A part of a history as an answer: an object with the messages and where they end, or the problem.
HttpResponse history_answer(const HistoryPage& page, TimePoint now);

/// The topic or filter behind `prefix` in the request's path, percent-decoded; nothing for a broken escape or bytes that are no UTF-8.
std::optional<std::string> topic_of(const HttpRequest& request, std::string_view prefix);

/// The head of an answer that is an array of messages, or of CloudEvents.
HttpResponse array_answer(bool events);

/// One message as the answer to `request`: a structured CloudEvent where that is asked for, else the bare payload.
HttpResponse one_answer(const HttpRequest& request, const Envelope& envelope, bool retained, TimePoint now, WallTime wall);

/// The bare payload as an answer, with everything else in headers.
HttpResponse bare_answer(const Envelope& envelope, bool retained, TimePoint now);

/// The `message` object's fields, as views of the envelope.
websocket::Message message_of(const Envelope& envelope, Qos qos, bool retain, TimePoint now);

}  // namespace junctor::rest
