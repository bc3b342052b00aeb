#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/model/envelope.hpp"
#include "tests/simulation/rule.hpp"

namespace junctor::simulation {

/// A place in the order in which things happened; 0: it did not.
using Step = std::uint64_t;

/// One session of one client, from the client's side: from its first sign of life to the end of its connection.
struct Life {
    std::string client;
    std::string principal;
    std::string name;           ///< of a named session
    std::size_t gateway = 0;    ///< where it is
    bool carries_type = true;   ///< its wire has room for a content type
    std::string crowd;          ///< not empty: the session is that of several clients, who all get what one of them does
    std::size_t session = 0;    ///< of a durable session: its number in this run, the same for all of its lives; 0: ends with the life
    Step opened = 0;
    Step ended = 0;
    Step noticed = 0;  ///< when the gateway knew of the end, where that is later
    Step told = 0;     ///< when it heard that the gateway goes, in the words of its protocol
    bool sent_away = false;  ///< the connection ended for another reason, or it left by itself
};

/// A message that a client sent. Its number is its place in the history and its payload.
struct Publication {
    std::size_t life = 0;
    std::string topic;
    Qos qos = Qos::at_most_once;
    Kind kind = Kind::publish;
    bool retain = false;
    bool will = false;  ///< sent by the gateway, when its publisher's connection has ended
    Step left = 0;      ///< of a will: its publisher knows that the gateway has it
    Step forgotten = 0;     ///< of a will that was due: the process died before it was on disk that it had gone
    std::string content_type;
    Step sent = 0;
    Step handed = 0;        ///< the gateway has read all of it
    Step acknowledged = 0;  ///< and said that it has taken it
    Step refused = 0;
    std::vector<std::string> outcomes;  ///< of a request: the reply's payload, or `error`
};

struct Subscription {
    std::size_t life = 0;
    std::string filter;  ///< or `$share/<group>/<filter>`
    bool prefix = false; ///< it is no filter but a prefix of ZeroMQ's
    Qos qos = Qos::at_most_once;
    Step asked = 0;
    Step granted = 0;
    Step refused = 0;
    Step leaving = 0;
    Step left = 0;
};

/// A message that reached a client.
struct Arrival {
    std::size_t life = 0;
    std::string payload;
    std::string topic;
    std::string content_type;
    Qos qos = Qos::at_most_once;
    bool retain = false;
    Step at = 0;
};

/// A message that libzmq kept from a client: its queue was full, or the client had unsubscribed while the message was under way.
struct Drop {
    std::size_t life = 0;
    std::string payload;
    std::optional<Duration> waited;  ///< the gateway, for room in a full queue; nullopt: it was not full
    Step at = 0;
};

struct RulesInForce {
    Step from = 0;
    Rules rules;
};

/// What befell the gateway itself.
struct Fault {
    Step at = 0;
    std::string what;
    bool all_end = false;  ///< the process ended, and everything with it that was not stored
    bool drains = false;   ///< it was asked to end in order
    bool parts = false;    ///< what was on its way between gateways is lost, or comes again
    std::size_t gateway = 0;
    bool in_order = false; ///< it ended as it was asked to
};

/// All that clients saw and did in one run, in order; what the checker judges.
struct History {
    Step now = 0;
    std::vector<Life> lives;
    std::vector<Publication> publications;
    std::vector<Subscription> subscriptions;
    std::vector<Arrival> arrivals;
    std::vector<Drop> drops;
    std::vector<RulesInForce> rules;
    std::vector<Fault> faults;

    std::size_t sessions = 0;  ///< durable ones that there have been
    std::size_t gateways = 1;
    Qos most_qos = Qos::exactly_once;  ///< what the gateway can promise; more is refused, which MQTT 3.1.1 has no word for

    Step step() noexcept { return ++now; }
    /// Whether what one of these lives holds is the other's too.
    bool same_holder(std::size_t a, std::size_t b) const noexcept {
        return a == b || (lives[a].session != 0 && lives[a].session == lives[b].session);
    }
};

}  // namespace junctor::simulation
