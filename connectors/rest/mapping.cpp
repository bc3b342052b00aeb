#include "connectors/rest/mapping.hpp"

#include <array>

#include "connectors/rest/message_headers.hpp"
#include "connectors/websocket/codec.hpp"
#include "core/base/ascii.hpp"
#include "core/base/utf8.hpp"

namespace junctor::rest {
namespace {

constexpr std::array<std::uint16_t, 15> errc_status{202, 400, 400, 400, 403, 404, 410, 504, 413, 429, 503, 503, 501, 409, 503};
static_assert(errc_status.size() == static_cast<std::size_t>(Errc::shutting_down) + 1);

// In the order of CloseReason.
constexpr std::array<std::uint16_t, close_reason_count> close_status{200, 499, 400, 400, 413, 408, 408, 401,
                                                                     403, 409, 503, 429, 503, 503, 403, 409, 500};

void set_retry_after(HttpResponse& response) {
    if (response.status == 503 || response.status == 429) response.headers.push_back({"Retry-After", "1"});
}

bool is_media_type(std::string_view value, std::string_view type) noexcept { return equal_ignoring_case(value.substr(0, value.find(';')), type); }

/// The event's own words go first.
void add_to(CloudEvent& event, const Extras& sent) {
    Extras& extras = event.extras;
    extras.headers.insert(extras.headers.end(), sent.headers.begin(), sent.headers.end());
    if (extras.reply_to.empty()) extras.reply_to = sent.reply_to;
    if (extras.correlation.empty()) extras.correlation = sent.correlation;
    if (extras.trace.empty()) extras.trace = sent.trace;
}

}  // namespace

unsigned status_of(Errc code) noexcept { return errc_status[static_cast<std::size_t>(code)]; }

unsigned status_of(CloseReason reason) noexcept { return close_status[static_cast<std::size_t>(reason)]; }

HttpResponse problem(Errc code, std::string_view reason) {
    const std::string sentence = make_error_code(code).message();
    HttpResponse response = HttpResponse::problem(status_of(code), to_string(code), reason.empty() || !valid_utf8(reason) ? sentence : reason);
    set_retry_after(response);
    return response;
}

HttpResponse problem(CloseReason reason, std::string_view text) {
    const std::string_view detail = text.empty() || !valid_utf8(text) ? to_string(reason) : text;
    HttpResponse response = HttpResponse::problem(status_of(reason), to_string(reason), detail);
    set_retry_after(response);
    return response;
}

std::optional<std::string> topic_of(const HttpRequest& request, std::string_view prefix) {
    auto text = percent_decode(std::string_view(request.path).substr(prefix.size()));
    if (text && !valid_utf8(*text)) return std::nullopt;
    return text;
}

HttpResponse bare_answer(const Envelope& envelope, bool retained, TimePoint now) {
    HttpResponse response;
    append(response.body, envelope.payload());
    if (envelope.extras()) write_extras(*envelope.extras(), response.headers);
    if (envelope.qos() != Qos::at_most_once) response.headers.push_back({"Junctor-Qos", std::to_string(static_cast<int>(envelope.qos()))});
    if (retained) response.headers.push_back({"Junctor-Retain", "1"});
    if (envelope.expires()) {
        const auto left = std::chrono::ceil<std::chrono::seconds>(envelope.expires_at() - now);
        response.headers.push_back({"Junctor-Ttl", std::to_string(left.count()) + "s"});
    }
    // Whoever published chose the type: a page among the payloads must not run as one of ours.
    response.headers.push_back({"X-Content-Type-Options", "nosniff"});
    response.headers.push_back({"Content-Security-Policy", "sandbox"});
    return response;
}

bool holds_event(const HttpRequest& request) noexcept { return is_media_type(request.header("Content-Type"), cloud_event_type); }

bool holds_event_batch(const HttpRequest& request) noexcept { return is_media_type(request.header("Content-Type"), cloud_event_batch_type); }

std::optional<Rejection> read_events(const HttpRequest& request, const Limits& limits, const MessageOptions& options, std::vector<CloudEvent>& into) {
    const JsonLimits json{.nesting = limits.nesting, .bytes = limits.packet, .values = limits.packet};
    const std::string_view body = as_text(request.body);
    std::string wrong = holds_event_batch(request) ? read_cloud_event_batch(body, json, limits.headers, limits.in_flight, into)
                                                   : read_cloud_event(body, json, limits.headers, into.emplace_back());
    if (!wrong.empty()) return Rejection{Errc::bad_request, std::move(wrong)};
    if (options.extras)
        for (CloudEvent& event : into) add_to(event, *options.extras);
    return std::nullopt;
}

bool asks_for_events(const HttpRequest& request) {
    const std::string_view accepted = request.header("Accept");
    return is_media_type(accepted, cloud_event_type) || is_media_type(accepted, cloud_event_batch_type) || request.parameter("format") == "cloudevents";
}

HttpResponse array_answer(bool events) { return HttpResponse(200, events ? cloud_event_batch_type : "application/json", "["); }

HttpResponse one_answer(const HttpRequest& request, const Envelope& envelope, bool retained, TimePoint now, WallTime wall) {
    if (!asks_for_events(request)) return bare_answer(envelope, retained, now);
    HttpResponse response(200, cloud_event_type, {});
    append_cloud_event(response.body, envelope, now, wall);
    return response;
}

HttpResponse history_answer(const HistoryPage& page, TimePoint now) {
    if (page.code != Errc::ok) return problem(page.code, page.reason);
    if (page.outcome.how == Resumption::none)
        return HttpResponse::problem(404, "no_history", "no history is kept of all that this filter matches: see `history` in the configuration");
    if (page.outcome.how == Resumption::gap)
        return HttpResponse::problem(410, "gap", "messages after that position are gone; what is left begins after " +
                                                     to_string(page.outcome.after) + ", or ask with from=first");
    HttpResponse answer(200, "application/json", "{\"epoch\":\"" + epoch_text(page.last.epoch) + "\",\"next\":" + std::to_string(page.next.offset) +
                                                     ",\"last\":" + std::to_string(page.last.offset) + ",\"messages\":[");
    for (const EnvelopePtr& envelope : page.messages) {
        if (envelope != page.messages.front()) append(answer.body, std::string_view(",\n"));
        websocket::Message message = message_of(*envelope, envelope->qos(), false, now);
        message.place = envelope->history();
        websocket::append_message(answer.body, message);
    }
    append(answer.body, std::string_view("]}\n"));
    answer.headers.push_back({"Cache-Control", "no-store"});
    return answer;
}

websocket::Message message_of(const Envelope& envelope, Qos qos, bool retain, TimePoint now) {
    websocket::Message message;
    message.topic = envelope.topic_text();
    message.data = envelope.payload();
    message.qos = static_cast<std::uint8_t>(qos);
    message.retain = retain;
    if (envelope.expires()) message.ttl = std::max(envelope.expires_at() - now, Duration::zero());
    const Extras* extras = envelope.extras();
    if (!extras) return message;
    message.content_type = extras->content_type;
    message.reply_to = extras->reply_to;
    message.correlation = extras->correlation;
    for (const Header& header : extras->headers) message.headers.push_back({header.name, header.value});
    return message;
}

}  // namespace junctor::rest
