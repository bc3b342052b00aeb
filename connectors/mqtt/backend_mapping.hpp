#pragma once

#include <mqtt/message.h>

#include <optional>
#include <string>
#include <vector>

#include "connectors/mqtt/wire_topics.hpp"
#include "core/model/envelope.hpp"

namespace junctor::mqtt {

/// Who this gateway is at a broker.
struct BrokerIdentity {
    std::string gateway;  ///< its name in hop paths
    bool v5 = true;       ///< else 3.1.1, which carries topic, payload, QoS and retain flag only
};

/// User properties by which gateways tell each other what no client may: clients' own of these names do not cross, either way.
/// `hops_property`: the hop path, its last one being who sent it here.
inline constexpr std::string_view origin_property = "junctor-origin";  ///< the session of that gateway which published it, in hex

/// The message as it goes to the broker under `topic`. Null where its hop path has no room for one more.
::mqtt::message_ptr to_message(const Envelope& envelope, std::string topic, TimePoint now, const BrokerIdentity& identity);
/// The same for what is passed on to a group's members elsewhere: as if whoever published it had chosen them (`Backend::pass_on`).
::mqtt::message_ptr to_passed_message(const Envelope& envelope, std::string topic, TimePoint now, const BrokerIdentity& identity);

/// A message of the broker; views into it.
struct FromBroker {
    Draft draft;
    SessionId origin;                           ///< of this gateway, if it is one's
    std::vector<std::uint32_t> subscriptions;  ///< their identifiers
};

/// Nothing where its topic is none of the gateway's, or below the control level and none of ours.
std::optional<FromBroker> from_message(const ::mqtt::message& message, const WireTopics& topics, const BrokerIdentity& identity);

/// What the broker's reason for refusing a message or filter comes to.
Errc to_errc(int reason_code) noexcept;

}  // namespace junctor::mqtt
