#include "connectors/matrix/puppets.hpp"

#include <algorithm>

namespace junctor::matrix {
namespace {

constexpr std::size_t longest_user = 255;  // appendices, "User Identifiers"

}  // namespace

void Puppets::serve(std::string_view gateway_user) { server_ = gateway_user.substr(std::min(gateway_user.find(':'), gateway_user.size())); }

std::string Puppets::user_for(const PrincipalRef& principal) const {
    if (!on() || server_.empty() || !principal || principal->name.empty()) return {};
    std::string user = '@' + settings_.prefix + localpart_of(principal->name) + server_;
    if (user.size() > longest_user || (full() && !registered_.contains(user))) return {};
    return user;
}

bool Puppets::owns(std::string_view user) const noexcept {
    return on() && !server_.empty() && user.starts_with('@') && user.substr(1).starts_with(settings_.prefix) && user.ends_with(server_);
}

Puppets::State Puppets::state(const std::string& user, const std::string& room) const {
    if (refused_.contains({user, room})) return State::refused;
    if (joined_.contains({user, room})) return State::ready;
    return registered_.contains(user) ? State::outside : State::unknown;
}

}  // namespace junctor::matrix
