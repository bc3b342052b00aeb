#pragma once

#include <string>

#include "core/ports/session.hpp"
#include "core/ports/template.hpp"

namespace junctor {

/// Stands in for a session that has gone, while something that it wanted is still to be done: its will, what it published and waited
/// for no answer to.
class Departed : public Session {
public:
    explicit Departed(const Session& gone) : Departed(std::string(gone.name()), gone.protocol(), gone.principal()) {}
    Departed(std::string name, std::string_view protocol, PrincipalRef principal) : name_(std::move(name)), protocol_(protocol) {
        set_principal(std::move(principal));
    }

    std::string_view protocol() const noexcept override { return protocol_; }
    std::string_view name() const noexcept override { return name_; }
    WireVariant variant(const SubscribeOptions&) const noexcept override { return {}; }
    void encode(const Envelope&, WireVariant, Template&) const noexcept override {}
    DeliverResult deliver(const Delivery&) noexcept override { return DeliverResult::refused; }
    void settled(Token, const Receipt&) noexcept override {}
    void answered(Token, const EnvelopePtr&) noexcept override {}
    void close(CloseReason, std::string_view) noexcept override {}

private:
    const std::string name_;
    const std::string_view protocol_;
};

}  // namespace junctor
