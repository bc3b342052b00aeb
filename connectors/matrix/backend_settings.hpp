#pragma once

#include <string>
#include <vector>

#include "core/config/schema.hpp"
#include "core/ports/host.hpp"
#include "core/ports/outbound.hpp"

namespace junctor::matrix {

/// One topic of the default tenant that is one room.
struct MappedRoom {
    std::string topic;
    std::string room;  ///< `#alias:server` or `!id`
};

/// How the gateway writes as users that an application service lets it have.
struct PuppetSettings {
    std::string token;   ///< the as_token; empty: it writes as itself alone
    std::string prefix;  ///< how their names begin
    std::size_t most = 0;
};

/// Where the homeserver pushes what happens, to the gateway as an application service.
struct ListenSettings {
    Address address;
    std::string url;    ///< by which the homeserver calls it; empty: nothing is pushed, the gateway asks
    std::string token;  ///< the hs_token
    std::string user;   ///< the gateway's own, by its name alone; also the id of the application service
};

/// How the gateway is a user of a homeserver: `backend: {type: matrix, ...}` and `bridges:`.
struct BackendSettings {
    Url url;
    OutboundTls tls;
    std::string token;  ///< of the gateway's own user; with `listen` the as_token
    std::string room;   ///< by which everything travels that has no room of its own
    std::vector<MappedRoom> rooms;
    std::string alias_prefix;          ///< of rooms that are named by their topic alone
    PuppetSettings puppets;
    ListenSettings listen;
    std::vector<std::string> members;  ///< whom it invites to rooms that it makes
    std::size_t waiting = 10'000;      ///< messages that the homeserver has not taken, at most
};

/// What may stand in the configuration.
config::Schema backend_fields();

/// Throws SetupError where the URL, a room or a user is no good.
BackendSettings read_backend_settings(const config::Section& section);

/// A name by which a homeserver can know anything: lower case letters, digits, `.`, `_` and `-` as they are, every other byte as `=2f`
/// (appendices, "Mapping from other character sets"). Different texts have different names.
std::string localpart_of(std::string_view text);

/// The part of an alias that names a room on its server: `plant` of `#plant:hs.example`.
std::string_view alias_localpart(std::string_view alias) noexcept;

}  // namespace junctor::matrix
