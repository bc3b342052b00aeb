// What the gateway wants of the event bus, and what that brings.

#include <algorithm>

#include "connectors/vertx/backend.hpp"
#include "core/base/json.hpp"
#include "core/bridging/envelope_json.hpp"
#include "core/model/hop_path.hpp"
#include "core/observe/log.hpp"
#include "core/runtime/core.hpp"

namespace junctor::vertx {

void VertxBackend::register_address(const std::string& address) {
    if (ledger_.open()) send_ping();
    Frame frame;
    frame.type = Type::register_handler;
    frame.address = address;
    ledger_.begin(address, true);
    send(frame);
    send_ping();
}

void VertxBackend::registered(const std::string& address, bool refused) noexcept {
    if (address == settings_.address) {
        if (refused) {
            log_error("vertx", "the bridge refuses the address that gateways share: permit it outbound", {{"address", address}});
            return give_up_line("the shared address is not permitted");
        }
        failures_ = 0;
        available_ = true;
        return sink_->available(true);
    }
    if (const auto at = registrations_.find(address); at != registrations_.end()) {
        if (refused) {
            registrations_.erase(at);
        } else {
            at->second.stage = Stage::confirmed;
        }
    }
    std::vector<TopicFilter> done;
    for (auto at = waiting_.begin(); at != waiting_.end();) {
        const bool concerned = at->second.missing.erase(address) != 0;
        const bool over = concerned && (refused || at->second.missing.empty());
        if (over) done.push_back(at->second.filter);
        at = over ? waiting_.erase(at) : std::next(at);
    }
    for (const TopicFilter& each : done) {
        if (refused) unsubscribe(each, each.group());
        sink_->subscribed(each, each.group(), refused ? Errc::denied : Errc::ok);
    }
}

/// What travels over the shared address arrives anyway; addresses of their own are registered when somebody wants them.
void VertxBackend::subscribe(const TopicFilter& filter, std::string_view group) noexcept {
    if (!available_) return sink_->subscribed(filter, group, Errc::unavailable);
    const FilterKey key{filter.tenant(), filter.canonical()};
    Waiting waiting{filter, {}};
    for (const MappedAddress* each : table_.under(filter)) {
        const auto [at, fresh] = registrations_.try_emplace(each->address);
        if (!wanted_.contains(key)) ++at->second.filters;
        if (fresh) register_address(each->address);
        if (at->second.stage == Stage::asked) waiting.missing.insert(each->address);
    }
    wanted_.insert(key);
    if (waiting.missing.empty()) return sink_->subscribed(filter, group, Errc::ok);
    waiting_.insert_or_assign(key, std::move(waiting));
}

void VertxBackend::unsubscribe(const TopicFilter& filter, std::string_view) noexcept {
    const FilterKey key{filter.tenant(), filter.canonical()};
    waiting_.erase(key);
    if (wanted_.erase(key) == 0) return;
    for (const MappedAddress* each : table_.under(filter)) {
        const auto at = registrations_.find(each->address);
        if (at == registrations_.end() || --at->second.filters > 0) continue;
        registrations_.erase(at);
        Frame frame;
        frame.type = Type::unregister_handler;
        frame.address = each->address;
        if (ledger_.open()) send_ping();
        ledger_.begin({}, false);
        send(frame);
        send_ping();
    }
}

std::size_t VertxBackend::received(Bytes bytes) noexcept {
    std::size_t used = 0;
    while (up_) {
        const Split next = split_frame(bytes.subspan(used), largest_frame(settings_.max_payload));
        if (next.status == Split::Status::too_large) give_up_line("a frame of the bridge is too large");
        if (next.status != Split::Status::complete) break;
        used += next.consumed;
        frame_arrived(next.text);
    }
    return used;
}

void VertxBackend::frame_arrived(std::string_view text) noexcept {
    heard_ = core_->now();
    Frame frame;
    if (const auto fault = decoder_.decode(text, frame)) {
        log_warning("vertx", "the bridge says what cannot be understood", {{"because", std::string(to_string(*fault))}});
        return give_up_line("not the protocol of an event bus bridge");
    }
    switch (frame.type) {
        case Type::pong: return pong();
        case Type::message: return message_arrived(frame);
        case Type::err: return error_arrived(frame);
        default: return;
    }
}

void VertxBackend::message_arrived(const Frame& frame) noexcept {
    if (frame.address == settings_.address) return envelope_arrived(frame);
    if (const MappedAddress* mapped = table_.of_address(frame.address)) return mapped_arrived(*mapped, frame);
    if (auto asked = asked_.extract(std::string(frame.address))) answer_arrived(std::move(asked.mapped()), frame);
}

void VertxBackend::error_arrived(const Frame& frame) noexcept {
    if (auto asked = asked_.extract(std::string(frame.address))) return failure_arrived(std::move(asked.mapped()), frame);
    ledger_.error_came();
}

/// What is meant for one other gateway: its requesters' answers.
bool VertxBackend::for_others(std::string_view topic) const noexcept {
    if (!topic.starts_with(inbox_prefix)) return false;
    topic.remove_prefix(inbox_prefix.size());
    return topic.substr(0, topic.find('/')) != gateway_;
}

void VertxBackend::envelope_arrived(const Frame& frame) noexcept {
    ArrivedMessage from;
    if (!read_envelope_json(frame.body, from)) return log_debug("vertx", "what came over the shared address is no message of a gateway", {});
    from.draft.qos = Qos::at_most_once;  // whatever it says: the bus promises no more
    from.finish(gateway_);
    if (!for_others(from.topic)) deliver(from);
}

void VertxBackend::mapped_arrived(const MappedAddress& mapped, const Frame& frame) noexcept {
    ArrivedMessage from;
    if (!from.set_topic({}, mapped.topic) || !from_bus(frame, gateway_, from)) return;
    if (!frame.reply_address.empty()) {
        from.draft.kind = Kind::request;
        from.extras().reply_to = reply_topic(frame.reply_address);
    }
    deliver(from);
}

/// A bridge sees its own on the bus like everybody else's; its gateway has them.
void VertxBackend::deliver(ArrivedMessage& from) noexcept {
    if (!joins_) {
        const std::string_view hops = from.draft.extras ? std::string_view(from.draft.extras->hops) : std::string_view();
        if (last_hop(hops) == gateway_ || from.draft.topic.reserved()) return;
    }
    Arrival arrival;
    arrival.draft = std::move(from.draft);
    arrival.origin = from.origin;
    sink_->arrived(std::move(arrival));
}

void VertxBackend::answer_arrived(Asked&& asked, const Frame& frame) noexcept {
    ArrivedMessage from;
    if (!from.set_topic(asked.tenant, std::move(asked.reply_to)) || !from_bus(frame, gateway_, from)) return;
    from.draft.kind = Kind::reply;
    if (!asked.correlation.empty()) from.extras().correlation = std::move(asked.correlation);
    if (!frame.reply_address.empty()) from.extras().reply_to = reply_topic(frame.reply_address);
    deliver(from);
    if (asked.owes_receipt) receipt(asked.ticket, Errc::ok);
}

/// A receiver that says no has answered: its requester gets that, with code and type beside it.
void VertxBackend::failure_arrived(Asked&& asked, const Frame& frame) noexcept {
    const Errc code = errc_of(frame.failure_type);
    if (code != Errc::ok) {
        if (asked.owes_receipt) receipt(asked.ticket, code);
        return;
    }
    ArrivedMessage from;
    if (!from.set_topic(asked.tenant, std::move(asked.reply_to))) return;
    from.draft.kind = Kind::reply;
    from.payload.assign(frame.message.begin(), frame.message.end());
    from.extras().headers = {{"failureType", std::string(frame.failure_type)}, {"failureCode", std::to_string(frame.failure_code.value_or(-1))}};
    from.extras().correlation = std::move(asked.correlation);
    from.finish(gateway_);
    deliver(from);
    if (asked.owes_receipt) receipt(asked.ticket, Errc::ok);
}

}  // namespace junctor::vertx
