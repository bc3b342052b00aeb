#include "connectors/zeromq/listener.hpp"

#include <functional>
#include <utility>

#include "connectors/zeromq/publish_door.hpp"
#include "connectors/zeromq/request_door.hpp"
#include "connectors/zeromq/subscribe_door.hpp"

namespace junctor::zeromq {
namespace {

std::optional<Address> address_in(const config::Section& section, std::string_view field) {
    if (!section.has(field)) return std::nullopt;
    const Result<Address> address = Address::parse(section.text(field));
    if (!address) throw SetupError(section.where(field) + ": not an address: " + section.text(field));
    if (!address->loopback())
        throw SetupError(section.where(field) + ": " + address->text() +
                         " can be reached from other machines, but ZeroMQ without CURVE neither encrypts nor knows who connects; use 127.0.0.1");
    return *address;
}

}  // namespace

ListenerSettings listener_settings(const std::string& name, const config::Section& section, const Limits& limits) {
    ListenerSettings settings;
    settings.name = name;
    settings.publish = address_in(section, "publish");
    settings.subscribe = address_in(section, "subscribe");
    settings.request = address_in(section, "request");
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

template <class DoorKind>
void ZeromqListener::open_door(Host& host, const std::optional<Address>& address, std::shared_ptr<Door>& door) {
    if (!address) return;
    const CoreId home{static_cast<std::uint16_t>(std::hash<std::string>{}(settings_.name) % host.core_count())};
    door = std::make_shared<DoorKind>(DoorSetup{host, context_, home, settings_.name, settings_.socket, settings_.idle_timeout, settings_.retained});
    door->bind(*address);
    door->start();
}

void ZeromqListener::open(Host& host) {
    open_door<PublishDoor>(host, settings_.publish, publish_);
    open_door<SubscribeDoor>(host, settings_.subscribe, subscribe_);
    open_door<RequestDoor>(host, settings_.request, request_);
}

std::vector<Listener::Endpoint> ZeromqListener::endpoints(const Host&) const {
    const auto python = [](const Door& door, std::string_view socket, std::string_view use) {
        return "python3 -c 'import zmq; s = zmq.Context().socket(zmq." + std::string(socket) + "); s.connect(\"tcp://" + door.bound().text() +
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
}

}  // namespace junctor::zeromq
