#include "connectors/matrix/registration.hpp"

#include <nlohmann/json.hpp>

#include "core/runtime/system_random.hpp"

namespace junctor::matrix {
namespace {

using nlohmann::ordered_json;

/// That very text.
std::string pattern_of(std::string_view text) {
    static constexpr std::string_view meaning = "\\^$.|?*+()[]{}";
    std::string pattern;
    for (const char each : text) (meaning.find(each) != meaning.npos ? pattern += '\\' : pattern) += each;
    return pattern;
}

/// Nobody uses it, where nothing is pushed; nobody shall guess it either.
std::string secret() {
    static constexpr std::string_view digits = "0123456789abcdef";
    SystemRandom random;
    std::string text;
    for (int word = 0; word < 4; ++word)
        for (std::uint64_t bits = random.next(), digit = 0; digit < 16; ++digit, bits >>= 4U) text += digits[bits & 15U];
    return text;
}

/// Gateways of one homeserver share the aliases, so none has them alone.
ordered_json shared_alias(const std::string& pattern) { return {{"exclusive", false}, {"regex", pattern}}; }

ordered_json aliases_under_prefix(const BackendSettings& settings) {
    ordered_json aliases = ordered_json::array();
    if (!settings.alias_prefix.empty()) aliases.push_back(shared_alias('#' + pattern_of(settings.alias_prefix) + ".*"));
    return aliases;
}

/// An application service makes no rooms by aliases that are not in its namespaces.
ordered_json aliases_of_rooms(const BackendSettings& settings) {
    ordered_json aliases = aliases_under_prefix(settings);
    std::vector<std::string> rooms{settings.room};
    for (const MappedRoom& each : settings.rooms) rooms.push_back(each.room);
    for (const std::string& each : rooms)
        if (each.starts_with('#') && (settings.alias_prefix.empty() || !each.starts_with('#' + settings.alias_prefix)))
            aliases.push_back(shared_alias(pattern_of(each)));
    return aliases;
}

ordered_json namespaces(const std::string& users, ordered_json aliases) {
    return {{"users", ordered_json::array({{{"exclusive", true}, {"regex", '@' + users}}})}, {"aliases", std::move(aliases)}, {"rooms", ordered_json::array()}};
}

std::string for_puppets(const BackendSettings& settings) {
    const PuppetSettings& puppets = settings.puppets;
    const ordered_json document{{"id", puppets.prefix},
                                {"url", nullptr},
                                {"as_token", puppets.token},
                                {"hs_token", secret()},
                                {"sender_localpart", puppets.prefix},
                                {"rate_limited", false},
                                {"namespaces", namespaces(pattern_of(puppets.prefix) + ".*", aliases_under_prefix(settings))}};
    return document.dump(2) + '\n';
}

std::string for_gateway(const BackendSettings& settings) {
    const ListenSettings& listen = settings.listen;
    const ordered_json document{{"id", listen.user},
                                {"url", listen.url},
                                {"as_token", settings.token},
                                {"hs_token", listen.token},
                                {"sender_localpart", listen.user},
                                {"rate_limited", false},
                                {"namespaces", namespaces(pattern_of(listen.user) + ":.*", aliases_of_rooms(settings))}};
    return document.dump(2) + '\n';
}

}  // namespace

std::vector<Registration> registrations(const BackendSettings& settings) {
    std::vector<Registration> all;
    if (!settings.listen.url.empty()) all.push_back({{}, for_gateway(settings)});
    if (!settings.puppets.token.empty()) all.push_back({all.empty() ? "" : "-puppets", for_puppets(settings)});
    return all;
}

}  // namespace junctor::matrix
