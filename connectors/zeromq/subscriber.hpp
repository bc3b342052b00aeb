#pragma once

#include <string>

#include "connectors/zeromq/prefix_table.hpp"
#include "core/ports/session.hpp"
#include "core/session/queue_charge.hpp"

namespace junctor::zeromq {

/// One user at the subscribe door: the session of all its SUB sockets, whose interest is each prefix cut to levels (`interest_of`).
/// It only keeps what they want; the door does the rest.
class Subscriber final : public Session {
public:
    class Owner {
    public:
        virtual DeliverResult deliver(Subscriber& to, const Delivery& delivery) noexcept = 0;
        /// As `Session::withheld`.
        virtual void withheld(Subscriber& from, const EnvelopePtr& envelope) noexcept = 0;
        virtual void settled(Subscriber& subscriber, Token token, Errc code) noexcept = 0;
        /// The gate wants it gone, or takes from it what libzmq cannot take back.
        virtual void lose(Subscriber& subscriber, CloseReason reason) noexcept = 0;
        virtual void encode(const Envelope& envelope, Template& out) const noexcept = 0;

    protected:
        ~Owner() = default;
    };

    /// `its_number`: of those at this door, which counts up.
    Subscriber(Owner& owner, PrincipalRef principal, std::uint64_t its_number) : number(its_number), owner_(owner) { set_principal(std::move(principal)); }

    std::string_view protocol() const noexcept override { return "zeromq"; }
    WireVariant variant(const SubscribeOptions& options) const noexcept override;
    void encode(const Envelope& envelope, WireVariant, Template& out) const noexcept override { owner_.encode(envelope, out); }
    DeliverResult deliver(const Delivery& delivery) noexcept override { return owner_.deliver(*this, delivery); }
    void withheld(const EnvelopePtr& envelope) noexcept override { owner_.withheld(*this, envelope); }
    void settled(Token token, const Receipt& receipt) noexcept override;
    void answered(Token, const EnvelopePtr&) noexcept override {}
    void revoked(const TopicFilter&, std::string_view) noexcept override { owner_.lose(*this, CloseReason::not_authorized); }
    void close(CloseReason reason, std::string_view) noexcept override { owner_.lose(*this, reason); }

    void charge(Ref<QueueShare> share) noexcept override { waits.use(std::move(share)); }

    const std::uint64_t number;
    QueueCharge waits;  ///< at the door, for all who are connected to it
    PrefixTable prefixes;
    bool open = false;

private:
    Owner& owner_;
};

}  // namespace junctor::zeromq
