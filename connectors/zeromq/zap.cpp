#include "connectors/zeromq/zap.hpp"

#include <algorithm>
#include <array>

#include "core/base/z85.hpp"
#include "core/ports/gate.hpp"

namespace junctor::zeromq {
namespace {

constexpr int questions_per_turn = 256;
constexpr std::size_t most_open = 10'000;
constexpr std::size_t least_users = 1'000;

Credentials credentials_of(const ZapRequest& request, const std::string& connector) {
    Credentials shown;
    shown.connector = connector;
    shown.peer = request.address;
    shown.loopback = request.address.starts_with("127.") || request.address == "::1" || request.address.starts_with("::ffff:127.");
    if (request.mechanism == ZapRequest::Mechanism::plain) {
        shown.user = request.user;
        shown.password = request.password;
        shown.has_password = true;
    }
    if (request.mechanism == ZapRequest::Mechanism::curve) shown.public_key = to_z85(request.key);
    return shown;
}

}  // namespace

Zap::Zap(Sockets& sockets, Host& host, CoreId home, std::string connector)
    : host_(host), home_(home), connector_(std::move(connector)), socket_(sockets.make(Socket::Kind::zap, {})) {}

void Zap::start() {
    host_.post(home_, [zap = shared_from_this()](Core& core) {
        zap->core_ = &core;
        zap->users_ = std::make_unique<ZapUsers>(std::max<std::size_t>(core.limits().connections, least_users));
        zap->watch_ = zap->host_.watch(core, zap->socket_->descriptor(), [zap = zap.get()] { zap->serve(); });
        zap->serve();
    });
}

void Zap::stop() noexcept {
    host_.post(home_, [zap = shared_from_this()](Core&) {
        zap->watch_.reset();
        zap->open_.clear();
        zap->core_ = nullptr;
    });
}

PrincipalRef Zap::find(std::string_view user) noexcept { return core_ ? users_->find(user, core_->now()) : nullptr; }

// The descriptor is edge-triggered: what is left after a turn's share is taken in another one.
void Zap::serve() noexcept {
    if (!core_) return;
    for (int count = 0; count < questions_per_turn; ++count) {
        if (!socket_->receive()) {
            if (!socket_->readable()) return;
            continue;
        }
        const auto request = decode_zap(socket_->parts());
        if (request && open_.size() < most_open) ask(*request);
        else if (socket_->parts().size() > 3) answer(socket_->parts()[0], socket_->parts()[3], "500", "cannot judge this", {});
    }
    serve_soon();
}

void Zap::ask(const ZapRequest& request) {
    auto open = std::make_shared<Open>();
    open->route.assign(request.route.begin(), request.route.end());
    open->id.assign(request.id.begin(), request.id.end());
    open_.push_back(open);
    auto conversation = core_->gate().authenticate(credentials_of(request, connector_), [this, weak = std::weak_ptr(open)](AuthenticationStep step) {
        if (const auto there = weak.lock()) decided(*there, std::move(step));
    });
    if (!open->answered) open->conversation = std::move(conversation);
}

/// ZeroMQ has no second step for a challenge.
void Zap::decided(Open& open, AuthenticationStep step) noexcept {
    if (std::exchange(open.answered, true)) return;
    const bool allowed = step.outcome == AuthenticationStep::Outcome::allow && step.principal;
    for (Witness* const each : witnesses_) each->naming();
    const std::string user = allowed ? users_->enter(std::move(step.principal), core_->now()) : std::string();
    answer(open.route, open.id, allowed ? "200" : "400", allowed ? "OK" : "not authenticated", user);
    const auto mine = std::ranges::find_if(open_, [&](const auto& one) { return one.get() == &open; });
    const auto kept = *mine;  // whoever called goes on in its conversation
    open_.erase(mine);
    serve_soon(kept);
}

/// After whatever is sent, too: that may take the descriptor's signal away.
void Zap::serve_soon(std::shared_ptr<Open> kept) noexcept {
    host_.post(home_, [waiting = weak_from_this(), kept = std::move(kept)](Core&) {
        if (const auto zap = waiting.lock()) zap->serve();
    });
}

void Zap::answer(Bytes route, Bytes id, std::string_view status, std::string_view text, std::string_view user) noexcept {
    const std::array<SharedSlice, 8> frames{SharedSlice{route, {}, {}}, SharedSlice{{}, {}, {}}, SharedSlice{as_bytes("1.0"), {}, {}}, SharedSlice{id, {}, {}},
                                            SharedSlice{as_bytes(status), {}, {}}, SharedSlice{as_bytes(text), {}, {}},
                                            SharedSlice{as_bytes(user), {}, {}}, SharedSlice{{}, {}, {}}};
    socket_->send(frames);
}

}  // namespace junctor::zeromq
