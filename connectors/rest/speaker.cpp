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

}  // namespace

Errc Speaker::open() noexcept {
    Errc code = Errc::ok;
    // It has no name, so its home is here and the answer comes at once.
    link().open({}, 0, [&](const Result<Opened>& opened) { code = opened ? Errc::ok : errc_of(opened.error()); });
    return code;
}

bool Speaker::speaks_for(const Principal& who) const noexcept {
    return principal()->same(who);
}

void Speaker::publish(std::shared_ptr<HttpExchange> exchange, Draft&& draft) noexcept {
    core().gate().publish(*this, std::move(draft), expect(std::move(exchange)));
}

void Speaker::request(std::shared_ptr<HttpExchange> exchange, Draft&& draft, Duration timeout) noexcept {
    core().gate().request(*this, std::move(draft), timeout, expect(std::move(exchange)));
}

bool Speaker::read(HttpExchange& exchange, const TopicFilter& filter) noexcept {
    const TimePoint now = core().now();
    HttpResponse array(200, "application/json", "[");
    EnvelopePtr last;
    const std::size_t limit = core().limits().outbound_queue;
    bool complete = true;
    const auto each = [&](const EnvelopePtr& envelope) {
        complete = complete && array.body.size() + envelope->payload().size() < limit;
        if (filter.has_wildcard() && complete) {
            if (last) append(array.body, std::string_view(",\n"));
            websocket::append_message(array.body, message_of(*envelope, envelope->qos(), true, now));
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

Token Speaker::expect(std::shared_ptr<HttpExchange> exchange) {
    const Token token{++last_token_};
    waiting_.emplace(token, std::move(exchange));
    return token;
}

std::shared_ptr<HttpExchange> Speaker::take(Token token) noexcept {
    auto node = waiting_.extract(token);
    return node ? std::move(node.mapped()) : nullptr;
}

void Speaker::settled(Token token, const Receipt& receipt) noexcept {
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
    if (!waiting_.empty()) return wake_in(idle_time);
    idle < idle_time ? wake_in(idle_time - idle) : leave(CloseReason::normal);
}

void Speaker::close(CloseReason reason, std::string_view text) noexcept {
    const auto waiting = std::exchange(waiting_, {});
    for (const auto& [token, exchange] : waiting) exchange->respond(problem(reason, text));
    leave(reason);
}

}  // namespace junctor::rest
