#include "tests/simulation/zmq_client.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "connectors/zeromq/codec_fields.hpp"

namespace junctor::simulation {
namespace {

/// What a PUB keeps of what has not gone out.
constexpr std::size_t high_water_mark = 8;

}  // namespace

ZmqClient::ZmqClient(Surroundings around, std::string name, const std::unique_ptr<test::ZmqNetwork>& network, std::uint16_t port)
    : Client(around, std::move(name)), network_(network), port_(port), user_(random().below(3) == 0 ? "guest" : "zeromq") {}

void ZmqClient::connect(const std::string&) {
    line_ = network_->connect(port_, user_, events());
    returns_ = true;
    if (!line_) return;
    begin_life(user_, "", random().below(2) == 0);
    greeted_ = false;
}

test::ZmqLine::Events ZmqClient::events() {
    test::ZmqLine::Events wanted;
    const std::size_t mine = history().lives.size();
    wanted.admitted = [this, mine](const std::string& prefix) {
        if (line_ && life() == mine) admitted(prefix);
    };
    wanted.dropped = [this, mine](const test::ZmqFrames& message, Duration waited) { history().drops.push_back({mine, message[1], waited, history().step()}); };
    wanted.noticed = [this, mine] { history().lives[mine].noticed = history().step(); };
    return wanted;
}

void ZmqClient::cut() {
    if (line_) lose();
}

void ZmqClient::lose() {
    line_->close();
    line_.reset();
    end_life(life());
}

bool ZmqClient::turn() {
    if (!line_) {
        if (returns_) connect({});
        return line_ != nullptr;
    }
    if (line_->closed()) {
        if (line_->in_order) told(life());
        else sent_away(life());
        lose();
        return true;
    }
    if (line_->state == test::ZmqLine::State::lingering) return drink();
    if (!line_->open()) return false;
    if (!std::exchange(greeted_, true)) {
        begun();
        return true;
    }
    if (random().below(2) == 0) return line_->carry() || drink();
    return drink() || line_->carry();
}

bool ZmqClient::drink() {
    if (stalled_) return false;
    const std::optional<test::ZmqFrames> message = line_->read();
    if (message) read(*message);
    return message.has_value();
}

void PubClient::send_publication(std::size_t number) {
    if (line().wire.size() >= high_water_mark) return;
    const Publication& made = publication(number);
    zeromq::Fields fields;
    fields.content_type = made.content_type;
    fields.retain = made.retain;
    std::string members;
    zeromq::append_members(members, fields);
    test::ZmqFrames frames{made.topic, std::to_string(number)};
    if (!members.empty()) frames.push_back(zeromq::fields_frame(members));
    line().wire.push_back({std::move(frames), [this, number] { handed(number); }});
}

void SubClient::begun() {
    history().lives[life()].crowd = "SUB of " + user();
    const std::map<std::string, std::size_t> before = std::exchange(prefixes_, {});
    for (const auto& [prefix, old] : before) subscribe(prefix, Qos::at_most_once);
}

void SubClient::send_subscribe(std::size_t index) {
    const std::string& prefix = subscription(index).filter;
    prefixes_[prefix] = index;
    line().wire.push_back({{std::string(1, '\1') + prefix}});
}

void SubClient::send_unsubscribe(std::size_t index) {
    const std::string prefix = subscription(index).filter;
    prefixes_.erase(prefix);
    line().wire.push_back({{std::string(1, '\0') + prefix}});
    left(index);
}

void SubClient::admitted(const std::string& prefix) {
    const auto mine = prefixes_.find(prefix);
    if (mine != prefixes_.end() && subscription(mine->second).granted == 0) granted(mine->second, true);
}

void SubClient::read(const test::ZmqFrames& message) {
    if (message.size() < 2 || message.size() > 3) throw std::logic_error("the gateway sent a ZeroMQ message that is none");
    if (std::ranges::none_of(prefixes_, [&](const auto& each) { return message[0].starts_with(each.first); }))
        return history().drops.push_back({life(), message[1], {}, history().step()});
    zeromq::Fields fields;
    if (message.size() == 3 && !zeromq::decode_fields(as_bytes(message[2]), {}, fields).empty())
        throw std::logic_error("the gateway sent headers that are none");
    Arrival arrival;
    arrival.life = life();
    arrival.payload = message[1];
    arrival.topic = message[0];
    arrival.content_type = fields.content_type;
    arrival.retain = fields.retain;
    arrived(std::move(arrival));
}

}  // namespace junctor::simulation
