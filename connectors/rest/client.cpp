#include "connectors/rest/client.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "connectors/rest/client_mapping.hpp"
#include "core/base/ascii.hpp"
#include "core/base/json.hpp"

namespace junctor::rest {
namespace {

using Clock = std::chrono::steady_clock;

/// Long enough for an answer that the gateway gives at the last moment.
constexpr Duration grace = std::chrono::seconds(2);
constexpr Duration slice = std::chrono::milliseconds(20);
constexpr Duration longest_poll = std::chrono::seconds(30);

std::string without_slash(std::string path) {
    while (path.ends_with('/')) path.pop_back();
    return path.empty() ? "/v1" : path;
}

[[noreturn]] void fail(const HttpResponse& response) {
    const auto document = parse_json(response.body);
    const auto text = [&](const char* name) {
        return document && document->is_object() && document->contains(name) && (*document)[name].is_string() ? (*document)[name].get<std::string>()
                                                                                                              : std::string();
    };
    const std::string detail = text("detail");
    throw ClientError(detail.empty() ? "the server answered with HTTP status " + std::to_string(response.status) : detail, text("code"));
}

}  // namespace

RestClient::RestClient(const ClientOptions& options, web::Dial dial)
    : options_(options),
      dial_(std::move(dial)),
      url_(web::Url::parse(options.url)),
      path_(without_slash(url_.path)),
      http_(url_, web::stream_options(url_, options), web::authorization(options), dial_) {}

HttpRequest RestClient::post(const std::string& collection, const ClientMessage& message) const {
    HttpRequest request = request_of(message);
    request.path = path_ + collection + percent_encode(message.topic, "/$");
    return request;
}

void RestClient::publish(const ClientMessage& message) {
    const HttpResponse response = http_.exchange(post("/topics/", message), options_.timeout);
    if (response.status >= 300) fail(response);
}

ClientMessage RestClient::request(const ClientMessage& message, Duration wait) {
    HttpRequest request = post("/requests/", message);
    request.headers.push_back({"Junctor-Timeout", milliseconds_text(wait)});
    const HttpResponse response = http_.exchange(request, wait + grace);
    if (response.status >= 300) fail(response);
    return message_of_answer(response);
}

void RestClient::reply(const ClientMessage& to, ClientMessage answer) {
    answer.topic = to.extras.reply_to;
    if (answer.extras.correlation.empty()) answer.extras.correlation = to.extras.correlation;
    publish(answer);
}

void RestClient::poll_session(Duration wait) {
    HttpRequest request;
    request.method = "GET";
    request.path = path_ + "/topics/" + percent_encode(session_filter_, "/$+");
    request.query = "session=" + percent_encode(options_.client_id) + "&expiry=" + milliseconds_text(options_.session_expiry) +
                    "&wait=" + milliseconds_text(wait) + "&qos=" + std::to_string(static_cast<int>(session_qos_));
    if (!seen_.empty()) request.headers.push_back({"Last-Event-ID", seen_});
    const HttpResponse response = http_.exchange(request, wait + options_.timeout);
    if (response.status >= 300) fail(response);
    for (const Header& header : response.headers)
        if (equal_ignoring_case(header.name, "Last-Event-ID")) seen_ = header.value;
    for (ClientMessage& message : messages_in(response.body)) taken_.push_back(std::move(message));
}

std::optional<ClientMessage> RestClient::receive_from_session(Duration wait) {
    const auto until = Clock::now() + wait;
    while (taken_.empty()) {
        const Duration left = until - Clock::now();
        if (left <= Duration::zero()) return std::nullopt;
        poll_session(std::min(left, longest_poll));
    }
    ClientMessage message = std::move(taken_.front());
    taken_.pop_front();
    return message;
}

void RestClient::subscribe(const std::string& filter, Qos qos) {
    if (durable()) {
        session_filter_ = filter;
        session_qos_ = qos;
        return poll_session(slice);
    }
    web::HttpClient http(url_, web::stream_options(url_, options_), web::authorization(options_), dial_);
    HttpRequest request;
    request.method = "GET";
    request.path = path_ + "/topics/" + percent_encode(filter, "/$+");
    request.query = "qos=" + std::to_string(static_cast<int>(qos));
    if (options_.start) request.query += from_query(*options_.start);
    request.headers = {{"Accept", "text/event-stream"}};
    HttpResponse response = http.begin(request, options_.timeout);
    if (response.status != 200) {
        while (const auto part = http.read(options_.timeout)) {
            if (part->empty()) break;
            append(response.body, Bytes(*part));
        }
        fail(response);
    }
    subscriptions_.push_back(std::make_unique<Subscription>(Subscription{filter, std::move(http), SseDecoder(web::ResponseReader::max_body)}));
    if (options_.start) outcome_ = {Resumption::exact, options_.start->position};
}

void RestClient::unsubscribe(const std::string& filter) {
    if (durable()) throw ClientError("a durable session over HTTP keeps its subscriptions until it ends");
    const auto same = [&](const auto& subscription) { return subscription->filter == filter; };
    if (std::erase_if(subscriptions_, same) == 0) throw ClientError("not subscribed to '" + filter + "'");
}

std::optional<ClientMessage> RestClient::receive(Duration wait) {
    if (durable()) return receive_from_session(wait);
    const auto until = Clock::now() + wait;
    do {
        for (const auto& subscription : subscriptions_) {
            const Duration left = until - Clock::now();
            if (auto message = next_event(*subscription, subscriptions_.size() == 1 ? left : std::min(left, slice))) return message;
        }
    } while (Clock::now() < until && !subscriptions_.empty());
    return std::nullopt;
}

std::optional<ClientMessage> RestClient::next_event(Subscription& subscription, Duration wait) {
    const auto until = Clock::now() + wait;
    while (true) {
        while (const auto event = subscription.events.next()) {
            if (event->event == "closed") throw ClientError("the server ended the subscription: " + event->data);
            if (event->event == "gap") outcome_ = {event->id.empty() ? Resumption::none : Resumption::gap,
                                                   parse_history_position(event->id).value_or(HistoryPosition())};
            if (auto message = message_of_event(event->data)) {
                message->place = parse_history_position(event->id).value_or(HistoryPosition());
                return message;
            }
        }
        if (subscription.events.too_large()) throw ClientError("an event is too large");
        const auto part = subscription.http.read(until - Clock::now());
        if (!part) throw ClientError("the server ended the subscription");
        if (part->empty() && Clock::now() >= until) return std::nullopt;
        subscription.events.feed(as_text(*part));
    }
}

}  // namespace junctor::rest
