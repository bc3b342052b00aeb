#include "connectors/zeromq/listener.hpp"

#include <functional>
#include <utility>

#include "connectors/zeromq/publish_door.hpp"
#include "connectors/zeromq/request_door.hpp"
#include "connectors/zeromq/subscribe_door.hpp"

namespace junctor::zeromq {
namespace {

std::optional<Address> address_in(const config::Section& section, std::string_view field, Mechanism mechanism) {
    if (!section.has(field)) return std::nullopt;
    const Result<Address> address = Address::parse(section.text(field));
    if (!address) throw SetupError(section.where(field) + ": not an address: " + section.text(field));
    if (!address->loopback() && mechanism != Mechanism::curve)
        throw SetupError(section.where(field) + ": " + address->text() +
                         " can be reached from other machines, and only CURVE encrypts what they send: set mechanism: curve with a secret_key, or use "
                         "127.0.0.1");
    return *address;
}

void take_security(const config::Section& section, ListenerSettings& settings) {
    const std::string& mechanism = section.text("mechanism");
    if (mechanism == "plain") settings.socket.mechanism = Mechanism::plain;
    if (mechanism == "curve") settings.socket.mechanism = Mechanism::curve;
    const bool curve = settings.socket.mechanism == Mechanism::curve;
    if (curve != section.has("secret_key"))
        throw SetupError(curve ? section.where("mechanism") + ": CURVE needs a secret_key; 'junctor curve FILE' makes one"
                               : section.where("secret_key") + ": a secret_key is for mechanism: curve");
    if (!curve) return;
    settings.socket.curve_secret_key = section.text("secret_key");
    settings.public_key = curve_public_key(settings.socket.curve_secret_key);
    if (settings.public_key.empty()) throw SetupError(section.where("secret_key") + ": not 40 characters of Z85; 'junctor curve FILE' makes a key");
}

}  // namespace

ListenerSettings listener_settings(const std::string& name, const config::Section& section, const Limits& limits) {
    ListenerSettings settings;
    settings.name = name;
    take_security(section, settings);
    const Mechanism mechanism = settings.socket.mechanism;
    settings.publish = address_in(section, "publish", mechanism);
    settings.subscribe = address_in(section, "subscribe", mechanism);
    settings.request = address_in(section, "request", mechanism);
    if (!settings.publish && !settings.subscribe && !settings.request)
        throw SetupError(section.where() + ": a zeromq connector needs at least one of publish, subscribe and request");
    settings.socket.high_water_mark = static_cast<int>(section.integer("high_water_mark"));
    settings.socket.heartbeat = section.duration("heartbeat");
    settings.socket.largest_frame = limits.packet;
    settings.idle_timeout = section.duration("idle_timeout");
    settings.retained = section.boolean("retained");
    return settings;
}

ZeromqListener::ZeromqListener(ListenerSettings settings) : settings_(std::move(settings)) {}

CoreId ZeromqListener::home_in(const Host& host) const noexcept {
    return CoreId{static_cast<std::uint16_t>(std::hash<std::string>{}(settings_.name) % host.core_count())};
}

template <class DoorKind>
void ZeromqListener::open_door(Host& host, const std::optional<Address>& address, std::shared_ptr<Door>& door) {
    if (!address) return;
    door = std::make_shared<DoorKind>(DoorSetup{host, sockets_, home_in(host), settings_.name, settings_.socket, settings_.idle_timeout, settings_.retained, zap_});
    door->bind(*address);
    door->start();
}

void ZeromqListener::listen(Host& host) {
    zap_ = std::make_shared<Zap>(sockets_, host, home_in(host), settings_.name);
    open_door<PublishDoor>(host, settings_.publish, publish_);
    open_door<SubscribeDoor>(host, settings_.subscribe, subscribe_);
    open_door<RequestDoor>(host, settings_.request, request_);
    zap_->start();
}

std::vector<Listener::Endpoint> ZeromqListener::endpoints(const Host&) const {
    const auto python = [](const Door& door, std::string_view socket, std::string_view use) {
        const bool v6 = door.bound().text().starts_with('[');
        return "python3 -c 'import zmq; s = zmq.Context().socket(zmq." + std::string(socket) + "); " + (v6 ? "s.ipv6 = True; " : "") + "s.connect(\"tcp://" + door.bound().text() +
               "\"); " + std::string(use) + "'";
    };
    std::vector<Endpoint> rows;
    if (publish_)
        rows.push_back({"tcp://" + publish_->bound().text() + " (PUB)",
                        python(*publish_, "PUB", "import time; time.sleep(1); s.send_multipart([b\"demo/zeromq\", b\"hello\"]); time.sleep(1)")});
    if (subscribe_)
        rows.push_back({"tcp://" + subscribe_->bound().text() + " (SUB)",
                        python(*subscribe_, "SUB", "s.subscribe(\"demo/\"); print(s.recv_multipart())")});
    if (request_) rows.push_back({"zmq://" + request_->bound().text() + " (DEALER, REQ)", "junctor sub zmq://" + request_->bound().text() + " 'demo/#'"});
    return rows;
}

std::vector<Address> ZeromqListener::addresses() const {
    std::vector<Address> all;
    for (const auto& address : {settings_.publish, settings_.subscribe, settings_.request})
        if (address) all.push_back(*address);
    return all;
}

void ZeromqListener::drain() noexcept {
    for (const auto& door : {publish_, subscribe_, request_})
        if (door) door->drain();
    if (zap_) zap_->stop();
}

}  // namespace junctor::zeromq
