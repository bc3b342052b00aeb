#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "connectors/matrix/homeserver.hpp"
#include "core/model/principal.hpp"

namespace junctor::matrix {

/// Whom an application service lets the gateway write as: for every principal a user of the homeserver, made when it is first needed, with
/// the principal's name, and a member of the rooms for which it writes. Where there can be none the gateway writes itself. On its core.
class Puppets {
public:
    explicit Puppets(const PuppetSettings& settings) : settings_(settings) {}

    bool on() const noexcept { return !settings_.token.empty(); }
    /// The gateway's own user, as the homeserver calls it: puppets live on the same server.
    void serve(std::string_view gateway_user);

    /// The principal's user; empty: the gateway itself writes.
    std::string user_for(const PrincipalRef& principal) const;
    /// Whether that user is one of them, whichever gateway's.
    bool owns(std::string_view user) const noexcept;

    enum class State : std::uint8_t { unknown, outside, ready, refused };
    /// Where the user is on its way into a room.
    State state(const std::string& user, const std::string& room) const;

    /// Forgets whom the homeserver refused: it may let them now.
    void ask_again() noexcept { refused_.clear(); }

    void registered(const std::string& user) { registered_.insert(user); }
    void joined(const std::string& user, const std::string& room) { joined_.emplace(user, room); }
    void refused(const std::string& user, const std::string& room) {
        joined_.erase({user, room});
        refused_.emplace(user, room);
    }

private:
    /// Whether there may be no more in this run; those that could not be made count, so that nobody's names fill the memory.
    bool full() const noexcept { return registered_.size() + refused_.size() >= settings_.most; }

    const PuppetSettings& settings_;
    std::string server_;  ///< with its colon
    std::set<std::string> registered_;
    std::set<std::pair<std::string, std::string>> joined_;   ///< user and room
    std::set<std::pair<std::string, std::string>> refused_;  ///< the same
};

}  // namespace junctor::matrix
