#pragma once

#include <optional>

#include "core/ports/backend.hpp"
#include "core/ports/mailbox.hpp"
#include "core/routing/fan_out.hpp"
#include "core/routing/match_cache.hpp"
#include "core/routing/requests.hpp"
#include "core/routing/shared_groups.hpp"

namespace junctor {

/// Messages for exactly one receiver: `send` to one of all that match, one-to-one `$to/<name>`, and answers to `$inbox/...`.
/// Each ends in one receipt: Errc::ok with one match, or Errc::no_receivers.
class Addressed {
public:
    /// Where the receipts go.
    class Settler {
    public:
        virtual void settle(BackendTicket ticket, Errc code, std::uint32_t matches) noexcept = 0;
        /// One receiver has it and this core's journal keeps it.
        virtual void settle_when_stored(BackendTicket ticket) noexcept = 0;
        /// Goes to another core when all that this one has written is durable.
        virtual void post_when_stored(CoreId to, Mail&& mail) noexcept = 0;
        /// Nobody of this gateway is meant: other gateways hear of it, and the receipt comes from there. False where there are none.
        virtual bool forward(const EnvelopePtr& envelope, BackendTicket ticket) noexcept = 0;

    protected:
        ~Settler() = default;
    };

    Addressed(Core& core, MatchCache& matches, FanOut& fan_out, SharedGroups& groups, Requests& requests, ReceiveRule& rule,
              Settler& settler) noexcept
        : core_(core), matches_(matches), fan_out_(fan_out), groups_(groups), requests_(requests), rule_(rule), settler_(settler) {}

    /// Cores that have subscribers take turns, this one among them, and the subscribers of each; who cannot take it passes it on.
    void send(const EnvelopePtr& envelope, BackendTicket ticket) noexcept;
    /// To the session or request that the topic names.
    void direct(const EnvelopePtr& envelope, BackendTicket ticket) noexcept;

    void receive_send(Mail&& mail) noexcept;
    void receive_direct(Mail&& mail) noexcept;
    void receive_settle(Mail&& mail) noexcept;

private:
    /// Who waits for the end of a `send`: a publisher of this core, or another core that looks for a receiver.
    struct Asker {
        std::optional<CoreId> core;
        BackendTicket ticket;
        std::uint32_t progress = 0;  ///< of the search, when this core has been asked
    };

    void give_to_one(const EnvelopePtr& envelope, const Asker& asker) noexcept;
    void give_to_group(const EnvelopePtr& envelope, const Asker& asker, std::uint32_t first, std::uint32_t tried) noexcept;
    void tell(const EnvelopePtr& envelope, const Asker& asker, DeliverResult result) noexcept;
    void try_core(const EnvelopePtr& envelope, BackendTicket ticket, std::uint32_t first, std::uint32_t tried) noexcept;
    DeliverResult give_to_named(const EnvelopePtr& envelope) noexcept;
    DeliverResult give_directly(const EnvelopePtr& envelope) noexcept;
    void settle(BackendTicket ticket, DeliverResult result) noexcept;
    void answer(CoreId asker, BackendTicket ticket, DeliverResult result) noexcept;
    bool expired(const Envelope& envelope) noexcept;
    void undeliverable(BackendTicket ticket) noexcept;
    void nobody_here(const EnvelopePtr& envelope, BackendTicket ticket) noexcept;
    void post(Mail::What what, CoreId to, Errc code, const EnvelopePtr& envelope, BackendTicket ticket, std::uint32_t count) noexcept;
    Mail make(Mail::What what, Errc code, const EnvelopePtr& envelope, BackendTicket ticket, std::uint32_t count) const noexcept;

    Core& core_;
    MatchCache& matches_;
    FanOut& fan_out_;
    SharedGroups& groups_;
    Requests& requests_;
    ReceiveRule& rule_;
    Settler& settler_;
};

}  // namespace junctor
