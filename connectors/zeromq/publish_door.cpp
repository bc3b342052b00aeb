#include "connectors/zeromq/publish_door.hpp"

#include <algorithm>
#include <utility>

#include "connectors/zeromq/codec.hpp"
#include "connectors/zeromq/dropped.hpp"
#include "connectors/zeromq/mapping.hpp"

namespace junctor::zeromq {

class PublishDoor::Publisher final : public Session {
public:
    Publisher(PublishDoor& door, PrincipalRef principal) : door_(door) { set_principal(std::move(principal)); }

    std::string_view protocol() const noexcept override { return "zeromq"; }
    WireVariant variant(const SubscribeOptions&) const noexcept override { return {}; }
    void encode(const Envelope&, WireVariant, Template&) const noexcept override {}
    DeliverResult deliver(const Delivery&) noexcept override { return DeliverResult::refused; }
    void settled(Token, const Receipt&) noexcept override {}
    void answered(Token, const EnvelopePtr&) noexcept override {}
    void close(CloseReason reason, std::string_view) noexcept override { door_.lose(*this, reason); }

    bool is(const Principal& other) const noexcept { return principal()->tenant == other.tenant && principal()->name == other.name; }

    std::size_t connections = 0;
    bool open = false;

private:
    PublishDoor& door_;
};

PublishDoor::PublishDoor(DoorSetup setup) : Door(std::move(setup), Socket::Kind::subscriber) {}
PublishDoor::~PublishDoor() = default;

// After a rebind nobody is connected, and nobody is told of the connections that went with it.
void PublishDoor::started() {
    end_all(CloseReason::connection_lost);
    connections_.clear();
}

void PublishDoor::ended() noexcept { end_all(CloseReason::server_shutdown); }

void PublishDoor::end_all(CloseReason reason) noexcept {
    for (const auto& each : std::exchange(publishers_, {}))
        if (std::exchange(each->open, false)) core().gate().close(*each, reason);
}

void PublishDoor::connection_changed(const Socket::ConnectionEvent& event) noexcept {
    if (event.opened) {
        connections_[event.connection] = nullptr;
        return;
    }
    const auto gone = connections_.extract(event.connection);
    if (gone.empty() || !gone.mapped() || --gone.mapped()->connections > 0) return;
    if (std::exchange(gone.mapped()->open, false)) core().gate().close(*gone.mapped(), CloseReason::connection_lost);
    std::erase_if(publishers_, [&](const auto& each) { return each.get() == gone.mapped(); });
}

// Its connections and those of all others are cut: each comes back by itself and is judged afresh.
void PublishDoor::lose(Publisher& publisher, CloseReason reason) noexcept {
    if (!std::exchange(publisher.open, false)) return;
    core().gate().close(publisher, reason);
    if (reason != CloseReason::server_shutdown) rebind();
}

PublishDoor::Publisher* PublishDoor::publisher() noexcept {
    const auto connection = connections_.find(socket().connection());
    if (connection != connections_.end() && connection->second) return connection->second->open ? connection->second : nullptr;
    const PrincipalRef principal = sender();
    if (!principal) return nullptr;
    const auto known = std::ranges::find_if(publishers_, [&](const auto& each) { return each->is(*principal); });
    Publisher* found = known == publishers_.end() ? open(principal) : known->get();
    if (!found) return nullptr;
    if (connection != connections_.end()) {
        connection->second = found;
        ++found->connections;
    }
    return found->open ? found : nullptr;
}

PublishDoor::Publisher* PublishDoor::open(const PrincipalRef& principal) noexcept {
    auto made = std::make_unique<Publisher>(*this, principal);
    if (!core().gate().open(*made, {})) return nullptr;
    made->open = true;
    return publishers_.emplace_back(std::move(made)).get();
}

void PublishDoor::received() noexcept {
    const auto [publication, fault] = decode_publication(socket().parts());
    if (!fault.empty()) return count_dropped(core().metrics(), Errc::bad_request);
    Publisher* const from = publisher();
    if (!from) return count_dropped(core().metrics(), Errc::denied);
    Fields fields;
    if (!decode_fields(publication.headers, fields_limits(core().limits()), fields).empty())
        return count_dropped(core().metrics(), Errc::bad_request);
    Result<Draft> draft = draft_of(from->principal()->tenant, publication.topic, publication.body, std::move(fields), Kind::publish);
    if (!draft) return count_dropped(core().metrics(), static_cast<Errc>(draft.error().value()));
    core().gate().publish(*from, std::move(*draft), Token{});
}

}  // namespace junctor::zeromq
