#pragma once

#include <string>
#include <vector>

#include "core/model/topic.hpp"
#include "core/ports/session.hpp"

namespace junctor {

/// One receiver of a topic's messages: what overlapping subscriptions of one session come to.
struct Destination {
    enum class When : std::uint8_t { always, not_own, only_own };  ///< "own": the session published the message itself

    Session* session;
    WireVariant variant;
    std::uint16_t id_count;  ///< how many of the entry's subscription ids are its; they follow those of the one before
    Qos qos;
    When when : 2;
    bool retain_as_published : 1;
    bool sifted : 1 = false;  ///< each delivery is judged by itself: `ReceiveRule::sift`
};
static_assert(sizeof(Destination) == 16);

/// Where messages of one topic and QoS go, as it stood at `epoch`. Sessions of equal variant stand together.
struct MatchEntry {
    bool is(const Topic& other, Qos other_qos) const noexcept {
        return hash == other.hash() && qos == other_qos && tenant == other.tenant() && text == other.text();
    }

    bool durable() const noexcept { return durable_here || !durable_cores.empty() || history != 0; }

    std::uint64_t hash = 0;
    std::uint64_t epoch = 0;
    std::uint64_t level_epoch = 0;
    TenantId tenant;
    Qos qos = Qos::at_most_once;
    std::uint8_t level = 0;         ///< of the epochs by first level
    std::uint16_t history = 0;      ///< the rule whose history keeps it; 0: none
    std::uint32_t next_member = 0;  ///< where the next `send` begins to look, so that all take turns
    std::uint32_t next_core = 0;
    std::string text;
    std::vector<Destination> destinations;
    std::vector<std::uint32_t> subscription_ids;
    std::vector<CoreId> cores;  ///< other cores that want it, ascending
    std::vector<CoreId> durable_cores;  ///< those of them that store it
    bool durable_here = false;          ///< so does somebody here, or a group whose home is here
    std::vector<std::uint32_t> groups;  ///< nodes of the groups at home here, one member of each
};

}  // namespace junctor
