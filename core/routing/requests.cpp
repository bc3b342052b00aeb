#include "core/routing/requests.hpp"

#include <algorithm>
#include <charconv>

#include "core/routing/routing_metrics.hpp"
#include "core/session/session_table.hpp"

namespace junctor {
namespace {

constexpr std::size_t half_digits = 16;

template <class Number>
bool read(std::string_view text, Number& number, int base) noexcept {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

/// The reply as its requester knows it: at the requester's own reply address.
EnvelopePtr readdressed(const Envelope& reply, std::string_view topic) {
    Draft draft;
    draft.topic = Topic::trusted(reply.topic().tenant(), topic, Topic::hash_of(reply.topic().tenant(), topic));
    draft.payload = reply.payload();
    draft.qos = reply.qos();
    draft.kind = reply.kind();
    if (reply.expires()) draft.ttl = reply.expires_at() - reply.published_at();
    if (reply.extras()) draft.extras = std::make_unique<Extras>(*reply.extras());
    return Envelope::make(std::move(draft), {reply.id(), reply.origin(), reply.publisher(), reply.published_at()});
}

}  // namespace

Requests::Requests(Core& core, std::string_view scope)
    : core_(core), prefix_(std::string(inbox_prefix) + (scope.empty() ? "" : std::string(scope) + '/')) {}

std::string Requests::address_of(std::uint64_t secret, std::uint64_t number) const {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text = prefix_ + std::to_string(core_.id().value) + '/';
    for (const std::uint64_t half : {secret, number})
        for (std::size_t digit = half_digits; digit-- > 0;) text += digits[half >> (4 * digit) & 0xf];
    return text;
}

std::optional<Requests::Address> Requests::parse(std::string_view text) const noexcept {
    if (!text.starts_with(prefix_)) return std::nullopt;
    text.remove_prefix(prefix_.size());
    const std::size_t slash = text.find('/');
    if (slash == text.npos || text.size() - slash - 1 != 2 * half_digits) return std::nullopt;
    Address address;
    const std::string_view halves = text.substr(slash + 1);
    if (!read(text.substr(0, slash), address.core.value, 10) || !read(halves.substr(0, half_digits), address.secret, 16) ||
        !read(halves.substr(half_digits), address.number, 16))
        return std::nullopt;
    return address;
}

void Requests::Waiting::expired(TimePoint) noexcept {
    owner->core_.metrics().add(routing_metrics().unanswered);
    owner->settle(number, Errc::timed_out);
}

std::optional<CoreId> Requests::home_of(std::string_view address) const noexcept {
    const std::optional<Address> parsed = parse(address);
    return parsed ? std::optional(parsed->core) : std::nullopt;
}

Result<Requests::Begun> Requests::begin(const Session& session, Token token, Duration timeout, std::string reply_to) {
    std::vector<std::uint64_t>& own = of_session_[session.id()];
    if (own.size() >= core_.limits().pending_requests_per_session) return Errc::quota_exceeded;
    auto waiting = std::make_unique<Waiting>();
    waiting->owner = this;
    waiting->secret = core_.random().next();
    do waiting->number = core_.random().next();
    while (waiting->number == 0 || waiting_.contains(waiting->number));
    waiting->session = session.id();
    waiting->token = token;
    waiting->reply_to = std::move(reply_to);
    core_.timers().arm(*waiting, core_.now() + std::min(timeout, core_.limits().max_wait));
    Begun begun{address_of(waiting->secret, waiting->number), {waiting->number}};
    own.push_back(waiting->number);
    waiting_.emplace(waiting->number, std::move(waiting));
    core_.metrics().add(routing_metrics().pending_requests, 1);
    return begun;
}

std::unique_ptr<Requests::Waiting> Requests::take(std::uint64_t number) noexcept {
    auto node = waiting_.extract(number);
    if (node.empty()) return nullptr;
    const auto own = of_session_.find(node.mapped()->session);
    std::erase(own->second, number);
    if (own->second.empty()) of_session_.erase(own);
    core_.metrics().add(routing_metrics().pending_requests, -1);
    core_.timers().cancel(*node.mapped());
    return std::move(node.mapped());
}

void Requests::settle(std::uint64_t number, Errc code) noexcept {
    const std::unique_ptr<Waiting> waiting = take(number);
    if (!waiting) return;
    if (Session* session = core_.sessions().find(waiting->session)) session->settled(waiting->token, {code, 0, {}, {}});
}

void Requests::handed_on(Token ticket, Errc code, std::uint32_t matches) noexcept {
    if (code == Errc::ok && matches > 0) return;
    if (code == Errc::ok) code = Errc::no_receivers;
    if (code == Errc::no_receivers) core_.metrics().add(routing_metrics().undeliverable);
    settle(ticket.value, code);
}

bool Requests::answer(const EnvelopePtr& reply) noexcept {
    const std::optional<Address> address = parse(reply->topic_text());
    if (!address) return false;
    const auto at = waiting_.find(address->number);
    if (at == waiting_.end() || at->second->secret != address->secret) return false;
    Session* session = core_.sessions().find(at->second->session);
    if (!session || session->principal()->tenant != reply->topic().tenant()) return false;
    const std::unique_ptr<Waiting> waiting = take(address->number);
    session->answered(waiting->token, waiting->reply_to.empty() ? reply : readdressed(*reply, waiting->reply_to));
    return true;
}

void Requests::forget(SessionId session) noexcept {
    const auto own = of_session_.find(session);
    if (own == of_session_.end()) return;
    for (const std::uint64_t number : own->second) waiting_.erase(number);
    core_.metrics().add(routing_metrics().pending_requests, -static_cast<std::int64_t>(own->second.size()));
    of_session_.erase(own);
}

}  // namespace junctor
