#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/ports/session.hpp"
#include "core/runtime/core.hpp"
#include "core/runtime/timer_wheel.hpp"

namespace junctor {

/// The requests of one core's sessions that wait for their answer. Each has a reply address of its own,
/// `$inbox/<core>/<128 random bits>`: nobody can guess it, and it takes one answer. Where gateways are joined, the gateway's name stands
/// before the core.
class Requests {
public:
    struct Begun {
        std::string address;
        Token ticket;  ///< names the request in receipts
    };

    /// `scope`: this gateway's name among others; empty: it is alone.
    explicit Requests(Core& core, std::string_view scope = {});

    /// `reply_to` is the requester's own reply address, put back into the answer. Errc::quota_exceeded.
    Result<Begun> begin(const Session& session, Token token, Duration timeout, std::string reply_to);

    /// How handing the request on ended: with an error or no receiver it ends at once.
    void handed_on(Token ticket, Errc code, std::uint32_t matches) noexcept;

    /// Gives the answer to whoever waits at its topic, an `$inbox/` of this core; false when nobody does.
    bool answer(const EnvelopePtr& reply) noexcept;

    /// The session is going; nobody hears of its requests again.
    void forget(SessionId session) noexcept;

    std::size_t size() const noexcept { return waiting_.size(); }

    /// The core that an `$inbox/` address of this gateway names; nullopt when it is none.
    std::optional<CoreId> home_of(std::string_view address) const noexcept;

private:
    struct Waiting final : Timer {
        void expired(TimePoint now) noexcept override;

        Requests* owner = nullptr;
        std::uint64_t number = 0;  ///< half of the address; the key
        std::uint64_t secret = 0;  ///< the other half
        SessionId session;
        Token token;
        std::string reply_to;
    };

    struct Address {
        CoreId core;
        std::uint64_t secret = 0;
        std::uint64_t number = 0;
    };

    std::string address_of(std::uint64_t secret, std::uint64_t number) const;
    std::optional<Address> parse(std::string_view text) const noexcept;
    std::unique_ptr<Waiting> take(std::uint64_t number) noexcept;
    void settle(std::uint64_t number, Errc code) noexcept;

    Core& core_;
    const std::string prefix_;  ///< what every address here begins with
    std::unordered_map<std::uint64_t, std::unique_ptr<Waiting>> waiting_;
    std::unordered_map<SessionId, std::vector<std::uint64_t>> of_session_;
};

}  // namespace junctor
