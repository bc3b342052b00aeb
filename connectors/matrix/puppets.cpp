#include "connectors/matrix/puppets.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/runtime/system_random.hpp"

namespace junctor::matrix {
namespace {

constexpr std::size_t longest_user = 255;  // appendices, "User Identifiers"

/// Localparts and alias prefixes hold nothing else that a pattern gives meaning to.
std::string pattern_of(std::string_view text) {
    std::string pattern;
    for (const char each : text) (each == '.' ? pattern += '\\' : pattern) += each;
    return pattern + ".*";
}

/// Nobody uses it, as nothing is pushed; nobody shall guess it either.
std::string secret() {
    static constexpr std::string_view digits = "0123456789abcdef";
    SystemRandom random;
    std::string text;
    for (int word = 0; word < 4; ++word)
        for (std::uint64_t bits = random.next(), digit = 0; digit < 16; ++digit, bits >>= 4U) text += digits[bits & 15U];
    return text;
}

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

std::string registration(const BackendSettings& settings) {
    using nlohmann::ordered_json;
    ordered_json aliases = ordered_json::array();
    if (!settings.alias_prefix.empty()) aliases.push_back({{"exclusive", false}, {"regex", '#' + pattern_of(settings.alias_prefix)}});
    ordered_json users = ordered_json::array();
    users.push_back({{"exclusive", true}, {"regex", '@' + pattern_of(settings.puppets.prefix)}});
    const ordered_json document{{"id", settings.puppets.prefix},
                                {"url", nullptr},
                                {"as_token", settings.puppets.token},
                                {"hs_token", secret()},
                                {"sender_localpart", settings.puppets.prefix},
                                {"rate_limited", false},
                                {"namespaces", {{"users", users}, {"aliases", aliases}, {"rooms", ordered_json::array()}}}};
    return document.dump(2) + '\n';
}

}  // namespace junctor::matrix
