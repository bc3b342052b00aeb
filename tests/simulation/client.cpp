#include "tests/simulation/client.hpp"

#include <algorithm>

namespace junctor::simulation {

Client::Client(Surroundings around, std::string name) : around_(around), name_(std::move(name)) {}

Core& Client::core_at(std::size_t index) {
    Core& core = cluster().core(index);
    core.begin_round();
    return core;
}

std::size_t Client::note_publication(const std::string& topic, Qos qos, Kind kind, bool retain) {
    const std::size_t number = history().publications.size();
    Publication made;
    made.life = life_;
    made.topic = topic;
    made.qos = qos;
    made.kind = kind;
    made.retain = retain;
    made.content_type = history().lives[life_].carries_type ? "type/" + std::to_string(number) : "";
    made.sent = history().step();
    history().publications.push_back(std::move(made));
    return number;
}

bool Client::publish(const std::string& topic, Qos qos, bool retain) {
    if (!knows(Kind::publish)) return false;
    send_publication(note_publication(topic, std::min(qos, most_qos()), Kind::publish, retain));
    return true;
}

bool Client::send(const std::string& topic) {
    if (!knows(Kind::send)) return false;
    send_publication(note_publication(topic, Qos::at_least_once, Kind::send, false));
    return true;
}

bool Client::request(const std::string& topic) {
    if (!knows(Kind::request)) return false;
    send_publication(note_publication(topic, Qos::at_most_once, Kind::request, false));
    return true;
}

void Client::subscribe(const std::string& filter, Qos qos) {
    for (const Subscription& each : history().subscriptions)
        if (history().same_holder(each.life, life_) && each.filter == filter && each.left == 0 && each.refused == 0) return;
    const std::size_t index = history().subscriptions.size();
    Subscription asked;
    asked.life = life_;
    asked.filter = filter;
    asked.prefix = interest() == Interest::prefixes;
    asked.qos = std::min(qos, most_qos());
    asked.asked = history().step();
    history().subscriptions.push_back(std::move(asked));
    send_subscribe(index);
}

bool Client::unsubscribe() { return give_up_one(false); }
bool Client::leave_group() { return give_up_one(true); }

bool Client::give_up_one(bool shared_only) {
    std::vector<std::size_t> held;
    for (std::size_t index = 0; index < history().subscriptions.size(); ++index) {
        const Subscription& each = subscription(index);
        const Life& holder = history().lives[each.life];
        const bool held_now = holder.ended == 0 || history().same_holder(each.life, life_);
        const bool wanted = !shared_only || (!each.prefix && each.filter.starts_with("$share/"));
        if (wanted && holder.client == name_ && held_now && each.granted != 0 && each.leaving == 0) held.push_back(index);
    }
    if (held.empty()) return false;
    const std::size_t chosen = held[random().below(held.size())];
    subscription(chosen).leaving = history().step();
    send_unsubscribe(chosen);
    return true;
}

std::size_t Client::begin_life(const std::string& principal, const std::string& session_name, bool carries_type) {
    Life begun;
    begun.client = name_;
    begun.principal = principal;
    begun.name = session_name;
    begun.gateway = around_.gateway;
    begun.carries_type = carries_type;
    begun.opened = history().step();
    history().lives.push_back(std::move(begun));
    life_ = history().lives.size() - 1;
    return life_;
}

std::size_t Client::begin_side_life(const std::string& principal) {
    const std::size_t publisher = life_;
    const std::size_t begun = begin_life(principal, "");
    life_ = publisher;
    return begun;
}

void Client::end_life(std::size_t life) {
    if (history().lives[life].ended == 0) history().lives[life].ended = history().step();
}

void Client::taken(std::size_t number, bool well) {
    (well ? publication(number).acknowledged : publication(number).refused) = history().step();
}

void Client::granted(std::size_t index, bool well) {
    (well ? subscription(index).granted : subscription(index).refused) = history().step();
}

void Client::left(std::size_t index) { subscription(index).left = history().step(); }

void Client::arrived(Arrival arrival, const std::string& reply_to, const std::string& correlation) {
    arrival.at = history().step();
    const std::string payload = arrival.payload;
    history().arrivals.push_back(std::move(arrival));
    if (!reply_to.empty() && ready() && random().below(2) == 0) send_reply(reply_to, correlation, "re:" + payload);
}

}  // namespace junctor::simulation
