#include "connectors/rest/speaker.hpp"

#include "connectors/rest/desk.hpp"
#include "connectors/rest/mapping.hpp"
#include "connectors/websocket/codec.hpp"
#include "core/ports/gate.hpp"

namespace junctor::rest {
namespace {

constexpr std::size_t most_retained = 10'000;

HttpResponse taken(std::uint32_t matches) {
    return HttpResponse(202, "application/json", "{\"matches\":" + std::to_string(matches) + "}\n");
}

HttpResponse all_taken(std::size_t events, std::uint32_t matches) {
    return HttpResponse(202, "application/json", "{\"events\":" + std::to_string(events) + ",\"matches\":" + std::to_string(matches) + "}\n");
}

}  // namespace

void Speaker::when_open(Opened told) {
    if (open_) return told(Errc::ok);
    openings_.push_back(std::move(told));
    if (openings_.size() > 1) return;
    link().open({}, 0, [this](const Result<junctor::Opened>& result) { opened(result ? Errc::ok : errc_of(result.error())); });
}

void Speaker::opened(Errc code) {
    open_ = code == Errc::ok;
    for (const Opened& told : std::exchange(openings_, {})) told(code);
}

bool Speaker::speaks_for(const Principal& who) const noexcept {
    return principal()->same(who);
}

void Speaker::publish(std::shared_ptr<HttpExchange> exchange, Draft&& draft) noexcept {
    core().gate().publish(*this, std::move(draft), expect(std::move(exchange)));
}

void Speaker::publish_all(std::shared_ptr<HttpExchange> exchange, std::vector<CloudEvent>& events,
                          const std::function<Draft(CloudEvent&)>& draft_of) noexcept {
    if (events.empty()) return exchange->respond(all_taken(0, 0));
    const auto batch = std::make_shared<Batch>();
    batch->exchange = std::move(exchange);
    batch->left = events.size();
    for (CloudEvent& event : events) {
        if (has_left()) return;
        const Token token{++last_token_};
        batches_.emplace(token, batch);
        core().gate().publish(*this, draft_of(event), token);
    }
}

void Speaker::request(std::shared_ptr<HttpExchange> exchange, Draft&& draft, Duration timeout) noexcept {
    core().gate().request(*this, std::move(draft), timeout, expect(std::move(exchange)));
}

void Speaker::read(const std::shared_ptr<HttpExchange>& exchange, const TopicFilter& filter, std::function<void()> none) {
    const std::uint64_t number = ++last_token_;
    auto verdict = core().gate().when_known(*this, Verb::subscribe, filter.text(), [this, number, exchange, filter, none = std::move(none)] {
        const auto until_read = readings_.extract(number);
        if (!read_now(*exchange, filter)) none();
    });
    if (verdict) readings_.emplace(number, std::move(verdict));
}

bool Speaker::read_now(HttpExchange& exchange, const TopicFilter& filter) noexcept {
    const TimePoint now = core().now();
    const bool events = asks_for_events(exchange.request());
    HttpResponse array = array_answer(events);
    EnvelopePtr last;
    const std::size_t limit = core().limits().outbound_queue;
    bool complete = true;
    const auto each = [&](const EnvelopePtr& envelope) {
        complete = complete && array.body.size() + envelope->payload().size() < limit;
        if (filter.has_wildcard() && complete) {
            if (last) append(array.body, std::string_view(",\n"));
            if (events) append_cloud_event(array.body, *envelope, now, core().wall());
            else websocket::append_message(array.body, message_of(*envelope, envelope->qos(), true, now));
        }
        last = envelope;
    };
    const Result<std::size_t> found = core().gate().retained(*this, filter, filter.has_wildcard() ? most_retained : 1, each);
    if (!found) return exchange.respond(problem(errc_of(found.error()))), true;
    if (!last) return false;
    if (!filter.has_wildcard()) return exchange.respond(one_answer(exchange.request(), *last, true, now, core().wall())), true;
    complete = complete && *found < most_retained;
    if (!complete) return exchange.respond(problem(Errc::too_large, "too many retained messages: use a narrower filter")), true;
    append(array.body, std::string_view("]\n"));
    exchange.respond(std::move(array));
    return true;
}

void Speaker::read_history(std::shared_ptr<HttpExchange> exchange, const HistoryQuestion& question) noexcept {
    core().gate().history(*this, question, expect(std::move(exchange)));
}

void Speaker::history_read(Token token, const HistoryPage& page) noexcept {
    const auto exchange = take(token);
    if (!exchange) return;
    HttpResponse answer = history_answer(page, core().now());
    exchange->respond(answer.status == 200 ? std::move(answer) : desk_.counted(std::move(answer)));
}

Token Speaker::expect(std::shared_ptr<HttpExchange> exchange) {
    const Token token{++last_token_};
    waiting_.emplace(token, std::move(exchange));
    return token;
}

std::shared_ptr<HttpExchange> Speaker::take(Token token) noexcept {
    auto node = waiting_.extract(token);
    return node ? std::move(node.mapped()) : nullptr;
}

void Speaker::settled_one(Batch& batch, const Receipt& receipt) noexcept {
    if (receipt.code == Errc::ok) {
        ++batch.taken;
        batch.matches += receipt.matches;
    } else if (batch.code == Errc::ok) {
        batch.code = receipt.code;
        batch.reason = receipt.reason.empty() ? make_error_code(receipt.code).message() : std::string(receipt.reason);
    }
    if (--batch.left > 0) return;
    if (batch.code == Errc::ok) return batch.exchange->respond(all_taken(batch.taken, batch.matches));
    const std::string detail = std::to_string(batch.taken) + " events of the batch were taken; one was not: " + batch.reason;
    batch.exchange->respond(desk_.counted(problem(batch.code, detail)));
}

void Speaker::settled(Token token, const Receipt& receipt) noexcept {
    if (const auto batch = batches_.extract(token)) return settled_one(*batch.mapped(), receipt);
    const auto exchange = take(token);
    if (!exchange) return;
    exchange->respond(receipt.code == Errc::ok ? taken(receipt.matches) : desk_.counted(problem(receipt.code, receipt.reason)));
}

void Speaker::answered(Token token, const EnvelopePtr& reply) noexcept {
    if (const auto exchange = take(token)) exchange->respond(one_answer(exchange->request(), *reply, false, core().now(), core().wall()));
}

void Speaker::touch() noexcept {
    last_used_ = core().now();
    if (!armed()) wake_in(idle_time);
}

void Speaker::tick() noexcept {
    const Duration idle = core().now() - last_used_;
    if (!waiting_.empty() || !batches_.empty() || !readings_.empty() || !openings_.empty()) return wake_in(idle_time);
    idle < idle_time ? wake_in(idle_time - idle) : leave(CloseReason::normal);
}

void Speaker::close(CloseReason reason, std::string_view text) noexcept {
    readings_.clear();
    opened(Errc::unavailable);
    const auto waiting = std::exchange(waiting_, {});
    for (const auto& [token, exchange] : waiting) exchange->respond(problem(reason, text));
    const auto batches = std::exchange(batches_, {});
    for (const auto& [token, batch] : batches)
        if (const auto exchange = std::exchange(batch->exchange, nullptr)) exchange->respond(problem(reason, text));
    leave(reason);
}

}  // namespace junctor::rest
