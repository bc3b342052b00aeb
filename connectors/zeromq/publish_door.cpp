#include "connectors/zeromq/publish_door.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "connectors/zeromq/dropped.hpp"
#include "connectors/zeromq/mapping.hpp"

namespace junctor::zeromq {

class PublishDoor::Publisher final : public Session {
public:
    enum class State : std::uint8_t { waiting, open, over };
    /// Topic, body and headers of a message.
    using Kept = std::array<ByteBuffer, 3>;

    Publisher(PublishDoor& door, PrincipalRef principal) : door_(door) { set_principal(std::move(principal)); }

    std::string_view protocol() const noexcept override { return "zeromq"; }
    WireVariant variant(const SubscribeOptions&) const noexcept override { return {}; }
    void encode(const Envelope&, WireVariant, Template&) const noexcept override {}
    DeliverResult deliver(const Delivery&) noexcept override { return DeliverResult::refused; }
    void settled(Token, const Receipt&) noexcept override {}
    void answered(Token, const EnvelopePtr&) noexcept override {}
    void close(CloseReason reason, std::string_view) noexcept override { door_.lose(*this, reason); }

    /// False: too much waits.
    bool keep(const Publication& publication, std::size_t most) {
        const std::size_t bytes = sizeof(Kept) + publication.topic.size() + publication.body.size() + publication.headers.size();
        if (kept_bytes_ + bytes > most) return false;
        kept_bytes_ += bytes;
        Kept& message = kept_.emplace_back();
        append(message[0], publication.topic);
        append(message[1], publication.body);
        append(message[2], publication.headers);
        return true;
    }
    std::vector<Kept> take_kept() noexcept { return std::exchange(kept_, {}); }

    State state = State::waiting;
    std::unique_ptr<VerdictWait> verdict;  ///< while it waits
    std::size_t connections = 0;

private:
    PublishDoor& door_;
    std::vector<Kept> kept_;  ///< received while it waits
    std::size_t kept_bytes_ = 0;
};

PublishDoor::PublishDoor(DoorSetup setup) : Door(std::move(setup), Socket::Kind::subscriber) {}
PublishDoor::~PublishDoor() = default;

void PublishDoor::ended() noexcept {
    for (const auto& each : std::exchange(publishers_, {}))
        if (each->state == Publisher::State::open) core().gate().close(*each, CloseReason::server_shutdown);
}

void PublishDoor::connection_changed(const Socket::ConnectionEvent& event) noexcept {
    if (event.opened) {
        connections_[event.connection] = {};
        return;
    }
    if (const auto gone = connections_.extract(event.connection); !gone.empty()) leave(gone.mapped());
}

void PublishDoor::leave(const Connection& connection) noexcept {
    if (!connection.publisher) return;
    --connection.publisher->connections;
    looks_ = true;
}

bool PublishDoor::flush() noexcept {
    if (!std::exchange(looks_, false)) return false;
    for (const auto& each : publishers_) {
        if (each->state != Publisher::State::open || each->connections > 0) continue;
        each->state = Publisher::State::over;
        core().gate().close(*each, CloseReason::connection_lost);
    }
    for (auto& [number, connection] : connections_)
        if (connection.publisher && connection.publisher->state == Publisher::State::over) connection.publisher = nullptr;
    std::erase_if(publishers_, [](const auto& each) { return each->state == Publisher::State::over; });
    return false;
}

void PublishDoor::lose(Publisher& publisher, CloseReason reason) noexcept {
    if (std::exchange(publisher.state, Publisher::State::over) != Publisher::State::open) return;
    core().gate().close(publisher, reason);
    looks_ = true;
    wake();
    if (reason == CloseReason::server_shutdown) return;
    for (auto& [number, connection] : connections_) {
        if (connection.publisher != &publisher) continue;
        connection = {nullptr, {}, true};
        socket().end_connection(number);
    }
}

/// What came by a connection that has gone meanwhile counts all the same; its publisher goes at the end of the turn.
PublishDoor::Publisher* PublishDoor::publisher() noexcept {
    const auto connection = connections_.find(socket().connection());
    const bool stands = connection != connections_.end();
    if (stands && connection->second.cut) return nullptr;
    if (stands && connection->second.publisher && connection->second.user == socket().user()) return connection->second.publisher;
    PrincipalRef principal = sender();
    if (!principal) return nullptr;
    const auto is_same = [&](const auto& each) {
        return each->state != Publisher::State::over && same_vouching(*each->principal(), *principal);
    };
    const auto known = std::ranges::find_if(publishers_, is_same);
    Publisher* found = known == publishers_.end() ? enter(std::move(principal)) : known->get();
    ++found->connections;
    if (stands) leave(std::exchange(connection->second, {found, std::string(socket().user())}));
    else leave({found, {}});
    return found;
}

PublishDoor::Publisher* PublishDoor::enter(PrincipalRef principal) noexcept {
    Publisher& made = *publishers_.emplace_back(std::make_unique<Publisher>(*this, std::move(principal)));
    auto verdict = core().gate().when_known(made, Verb::connect, {}, [this, &made] { known(made); });
    if (verdict) made.verdict = std::move(verdict);
    return &made;
}

void PublishDoor::known(Publisher& publisher) noexcept {
    const std::unique_ptr<VerdictWait> until_opened = std::move(publisher.verdict);
    const Result<Opened> opened = core().gate().open(publisher, {});
    publisher.state = opened ? Publisher::State::open : Publisher::State::over;
    for (const Publisher::Kept& each : publisher.take_kept()) {
        if (publisher.state == Publisher::State::open) publish(publisher, {as_text(each[0]), each[1], each[2]});
        else count_dropped(core().metrics(), opened ? Errc::denied : static_cast<Errc>(opened.error().value()));
    }
    looks_ = true;
    wake();
}

void PublishDoor::received() noexcept {
    const auto [publication, fault] = decode_publication(socket().parts());
    if (!fault.empty()) return count_dropped(core().metrics(), Errc::bad_request);
    Publisher* const from = publisher();
    if (!from || from->state == Publisher::State::over) return count_dropped(core().metrics(), Errc::denied);
    if (from->state == Publisher::State::open) return publish(*from, publication);
    if (!from->keep(publication, core().limits().outbound_queue)) count_dropped(core().metrics(), Errc::overloaded);
}

void PublishDoor::publish(Publisher& from, const Publication& publication) noexcept {
    Fields fields;
    if (!decode_fields(publication.headers, fields_limits(core().limits()), fields).empty())
        return count_dropped(core().metrics(), Errc::bad_request);
    Result<Draft> draft = draft_of(from.principal()->tenant, publication.topic, publication.body, std::move(fields), Kind::publish);
    if (!draft) return count_dropped(core().metrics(), static_cast<Errc>(draft.error().value()));
    core().gate().publish(from, std::move(*draft), Token{});
}

}  // namespace junctor::zeromq
