#include "connectors/zeromq/publish_door.hpp"

#include <utility>

#include "connectors/zeromq/codec.hpp"
#include "connectors/zeromq/dropped.hpp"
#include "connectors/zeromq/mapping.hpp"
#include "core/observe/log.hpp"

namespace junctor::zeromq {

PublishDoor::PublishDoor(DoorSetup setup) : Door(std::move(setup), Socket::Kind::subscriber) {}

void PublishDoor::started() {
    state_ = State::authenticating;
    auto conversation = core().gate().authenticate(credentials({}), [this](AuthenticationStep step) { authenticated(std::move(step)); });
    if (state_ == State::authenticating) authentication_ = std::move(conversation);
}

void PublishDoor::authenticated(AuthenticationStep step) noexcept {
    state_ = State::closed;
    if (step.outcome == AuthenticationStep::Outcome::allow) {
        set_principal(std::move(step.principal));
        if (core().gate().open(*this, {})) state_ = State::open;
    }
    if (state_ == State::open) wake();
    else log_warning("zeromq", "the policy does not let publishers in", {{"connector", setup().connector}, {"address", bound().text()}});
}

void PublishDoor::ended() noexcept {
    authentication_.reset();
    if (std::exchange(state_, State::closed) == State::open) core().gate().close(*this, CloseReason::server_shutdown);
}

void PublishDoor::close(CloseReason reason, std::string_view) noexcept {
    if (std::exchange(state_, State::closed) != State::open) return;
    core().gate().close(*this, reason);
    if (reason != CloseReason::server_shutdown) rebind();
}

void PublishDoor::received() noexcept {
    const auto [publication, fault] = decode_publication(socket().parts());
    if (!fault.empty()) return count_dropped(core().metrics(), Errc::bad_request);
    Fields fields;
    if (!decode_fields(publication.headers, fields_limits(core().limits()), fields).empty())
        return count_dropped(core().metrics(), Errc::bad_request);
    Result<Draft> draft = draft_of(principal()->tenant, publication.topic, publication.body, std::move(fields), Kind::publish);
    if (!draft) return count_dropped(core().metrics(), static_cast<Errc>(draft.error().value()));
    core().gate().publish(*this, std::move(*draft), Token{});
}

}  // namespace junctor::zeromq
