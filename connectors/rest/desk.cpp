#include "connectors/rest/desk.hpp"

#include <algorithm>

#include "connectors/rest/event_stream.hpp"
#include "connectors/rest/mapping.hpp"
#include "connectors/rest/poll.hpp"
#include "connectors/rest/session_end.hpp"
#include "connectors/rest/session_poll.hpp"
#include "connectors/rest/speaker.hpp"
#include "core/model/session_name.hpp"
#include "core/observe/metrics.hpp"
#include "core/ports/gate.hpp"
#include "core/ports/http_credentials.hpp"
#include "core/ports/http_origin.hpp"

namespace junctor::rest {
namespace {

constexpr Duration default_timeout = std::chrono::seconds(10);

HttpResponse unauthorized(std::string_view reason) {
    HttpResponse response = problem(CloseReason::not_authenticated, reason.empty() ? "credentials are needed" : reason);
    response.headers.push_back({"WWW-Authenticate", "Basic realm=\"junctor\", charset=\"UTF-8\""});
    response.headers.push_back({"WWW-Authenticate", "Bearer realm=\"junctor\""});
    return response;
}

Kind kind_of(const Topic& topic, const MessageOptions& options) noexcept {
    if (topic.text().starts_with(inbox_prefix)) return Kind::reply;
    return options.send || topic.text().starts_with(session_prefix) ? Kind::send : Kind::publish;
}

}  // namespace

struct Desk::Login {
    std::shared_ptr<HttpExchange> exchange;
    Known known;
    std::unique_ptr<Authentication> conversation;
};

Errc errc_of(const ErrorCode& error) noexcept {
    return error.category() == gateway_category() ? static_cast<Errc>(error.value()) : Errc::unavailable;
}

Desk::Desk(Core& core, const Settings& settings) : core_(core), settings_(settings) {}

Desk::~Desk() = default;

template <class Kind, class... Arguments>
Kind& Desk::add(Arguments&&... arguments) {
    auto member = std::make_unique<Kind>(*this, std::forward<Arguments>(arguments)...);
    Kind& added = *member;
    members_.emplace(&added, std::move(member));
    return added;
}

void Desk::remove(Member& member) noexcept {
    std::erase_if(speakers_, [&](const Speaker* speaker) { return speaker == &member; });
    members_.erase(&member);
}

HttpResponse Desk::counted(HttpResponse response) {
    core_.metrics().add(counter("junctor_rest_problems_total", "REST requests answered with a problem, by status.",
                                {{"status", std::to_string(response.status)}}));
    return response;
}

void Desk::refuse(HttpExchange& exchange, Errc code, std::string_view detail) { exchange.respond(counted(problem(code, detail))); }

void Desk::publish(const std::shared_ptr<HttpExchange>& exchange) {
    identify(exchange, [this, exchange](const PrincipalRef& who) { publish_as(exchange, who, false); });
}

void Desk::request(const std::shared_ptr<HttpExchange>& exchange) {
    identify(exchange, [this, exchange](const PrincipalRef& who) { publish_as(exchange, who, true); });
}

void Desk::read(const std::shared_ptr<HttpExchange>& exchange) {
    identify(exchange, [this, exchange](const PrincipalRef& who) { read_as(exchange, who); });
}

void Desk::admit(const std::shared_ptr<HttpExchange>& exchange) {
    identify(exchange, [exchange](const PrincipalRef&) { exchange->admit_body(); });
}

void Desk::identify(const std::shared_ptr<HttpExchange>& exchange, Known known) {
    finished_.clear();
    Credentials credentials;
    credentials.connector = settings_.name;
    if (!read_http_credentials(exchange->request(), settings_.cookie, credentials))
        return exchange->respond(counted(unauthorized("not one Authorization of Basic or Bearer")));
    if (may_be_rebound(exchange->request(), settings_.origins)) credentials.loopback = false;
    const auto login = std::make_shared<Login>(Login{exchange, std::move(known), nullptr});
    logins_.push_back(login);
    const auto done = [this, weak = std::weak_ptr(login)](AuthenticationStep step) {
        if (const auto alive = weak.lock()) identified(alive, std::move(step));
    };
    auto conversation = core_.gate().authenticate(std::move(credentials), done);
    if (login->known) login->conversation = std::move(conversation);
}

void Desk::identified(const std::shared_ptr<Login>& login, AuthenticationStep step) {
    std::erase(logins_, login);
    finished_.push_back(login);
    const Known known = std::exchange(login->known, nullptr);
    const auto exchange = std::exchange(login->exchange, nullptr);
    if (step.outcome == AuthenticationStep::Outcome::allow && step.principal) {
        exchange->identified();
        return known(std::move(step.principal));
    }
    exchange->respond(counted(unauthorized(step.reason)));
}

void Desk::with_speaker(const PrincipalRef& who, const std::shared_ptr<HttpExchange>& exchange, std::function<void(Speaker&)> use) {
    const auto fits = [&](const Speaker* speaker) { return !speaker->has_left() && speaker->speaks_for(*who); };
    const auto found = std::ranges::find_if(speakers_, fits);
    Speaker& speaker = found == speakers_.end() ? add<Speaker>(who) : **found;
    if (found == speakers_.end()) speakers_.push_back(&speaker);
    speaker.touch();
    speaker.when_open([this, &speaker, exchange, use = std::move(use)](Errc code) {
        if (code == Errc::ok) return use(speaker);
        refuse(*exchange, code);
        speaker.retire();
    });
}

void Desk::publish_as(const std::shared_ptr<HttpExchange>& exchange, const PrincipalRef& who, bool wants_reply) {
    const HttpRequest& request = exchange->request();
    MessageOptions options;
    if (const auto rejection = read_message_options(request, core_.limits(), options))
        return refuse(*exchange, rejection->code, rejection->detail);
    const auto events = std::make_shared<std::vector<CloudEvent>>();
    const bool batch = holds_event_batch(request);
    if (batch && wants_reply) return refuse(*exchange, Errc::bad_request, "a request is one message: send one CloudEvent");
    if (batch || holds_event(request))
        if (const auto rejection = read_events(request, core_.limits(), options, *events)) return refuse(*exchange, rejection->code, rejection->detail);
    const auto text = topic_of(request, wants_reply ? settings_.requests_prefix() : settings_.topics_prefix());
    if (!text || !Topic::parse(who->tenant, *text)) return refuse(*exchange, Errc::bad_topic);
    const auto kept = std::make_shared<MessageOptions>(std::move(options));
    with_speaker(who, exchange, [this, exchange, who, wants_reply, batch, text = *text, kept, events](Speaker& speaker) {
        const Topic topic = *Topic::parse(who->tenant, text);
        const auto draft_with = [&](Bytes payload, std::unique_ptr<Extras> extras) {
            return Draft{topic, payload, kept->qos, kept->retain, kind_of(topic, *kept), kept->ttl, std::move(extras)};
        };
        const auto draft_of = [&](CloudEvent& event) { return draft_with(event.data, std::make_unique<Extras>(std::move(event.extras))); };
        if (batch) return speaker.publish_all(exchange, *events, draft_of);
        Draft draft = events->empty() ? draft_with(exchange->request().body, std::move(kept->extras)) : draft_of(events->front());
        if (!wants_reply) return speaker.publish(exchange, std::move(draft));
        draft.kind = Kind::request;
        speaker.request(exchange, std::move(draft), kept->timeout.value_or(std::min(default_timeout, core_.limits().max_wait)));
    });
}

void Desk::read_as(const std::shared_ptr<HttpExchange>& exchange, const PrincipalRef& who) {
    const HttpRequest& request = exchange->request();
    ReadOptions options;
    if (const auto rejection = read_get_options(request, core_.limits(), options)) return refuse(*exchange, rejection->code, rejection->detail);
    const auto text = topic_of(request, settings_.topics_prefix());
    const Result<TopicFilter> filter = text ? TopicFilter::parse(who->tenant, *text) : make_error_code(Errc::bad_filter);
    if (!filter) return refuse(*exchange, Errc::bad_filter, "not a topic filter; in a URL `#` is written %23");
    if (options.events && request.method == "HEAD") return exchange->respond(HttpResponse(200, "text/event-stream", ""));
    if (options.events) return add<EventStream>(who, exchange, *filter, std::move(options.session)).start(options.qos, options.start);
    if (options.session) return add<SessionPoll>(who, exchange, *filter, std::move(*options.session), *options.wait).start(options.qos);
    with_speaker(who, exchange, [this, exchange, who, filter = *filter, wait = options.wait](Speaker& speaker) {
        speaker.read(exchange, filter, [this, exchange, who, filter, wait] {
            if (wait) return add<Poll>(who, exchange, filter, *wait).start(Qos::at_most_once);
            nothing_retained(exchange, std::string(filter.text()), filter.has_wildcard());
        });
    });
}

void Desk::read_history(const std::shared_ptr<HttpExchange>& exchange) {
    identify(exchange, [this, exchange](const PrincipalRef& who) { read_history_as(exchange, who); });
}

void Desk::read_history_as(const std::shared_ptr<HttpExchange>& exchange, const PrincipalRef& who) {
    HistoryQuestion question;
    if (const auto rejection = read_history_options(exchange->request(), question)) return refuse(*exchange, rejection->code, rejection->detail);
    const auto text = topic_of(exchange->request(), settings_.history_prefix());
    Result<TopicFilter> filter = text ? TopicFilter::parse(who->tenant, *text) : make_error_code(Errc::bad_filter);
    if (!filter) return refuse(*exchange, Errc::bad_filter, "not a topic filter; in a URL `#` is written %23");
    question.filter = std::move(*filter);
    with_speaker(who, exchange, [exchange, question = std::move(question)](Speaker& speaker) { speaker.read_history(exchange, question); });
}

void Desk::end_session(const std::shared_ptr<HttpExchange>& exchange) {
    identify(exchange, [this, exchange](const PrincipalRef& who) { end_session_as(exchange, who); });
}

void Desk::end_session_as(const std::shared_ptr<HttpExchange>& exchange, const PrincipalRef& who) {
    auto name = topic_of(exchange->request(), settings_.sessions_prefix());
    if (!name || !valid_session_name(*name)) return refuse(*exchange, Errc::bad_request, "a session's name is one topic level");
    add<SessionEnd>(who, exchange, std::move(*name)).start();
}

void Desk::nothing_retained(const std::shared_ptr<HttpExchange>& exchange, const std::string& filter, bool wildcard) {
    if (wildcard) return exchange->respond(HttpResponse(200, "application/json", "[]\n"));
    const std::string detail = "no retained message on `" + filter + "`: publish one with ?retain=1, or wait for the next one with ?wait=30s";
    exchange->respond(counted(HttpResponse::problem(404, "no_message", detail)));
}

}  // namespace junctor::rest
