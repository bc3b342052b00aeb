#include "connectors/matrix/backend_settings.hpp"

#include <set>

#include "core/base/setup_error.hpp"
#include "core/config/optional_text.hpp"
#include "core/model/topic.hpp"
#include "core/ports/client.hpp"

namespace junctor::matrix {
namespace {

constexpr std::size_t longest_id = 255;  // appendices, "Common Namespaced Identifiers"
constexpr std::size_t longest_prefix = 64;

/// A sigil, something, a colon and a server; newer room ids end without a server.
bool is_id(std::string_view text, char sigil) {
    const std::size_t colon = text.find(':');
    const bool whole = colon != text.npos ? colon > 1 && colon + 1 < text.size() : sigil == '!' && text.size() > 1;
    return text.starts_with(sigil) && text.size() <= longest_id && whole && text.find_first_of(" \t\r\n/?") == text.npos;
}

std::string read_room(const config::Section& section, const char* name) {
    std::string room = section.text(name);
    if (!is_id(room, '#') && !is_id(room, '!'))
        throw SetupError(section.where(name) + ": not a room; write an alias as \"#name:server\" or an id as \"!id:server\": " + room);
    return room;
}

Url read_url(const config::Section& section) {
    try {
        Url url = Url::parse(section.text("url"));
        if ((url.scheme == "http" || url.scheme == "https") && (url.path.empty() || url.path == "/")) return url;
    } catch (const ClientError&) {  // said below, with the place
    }
    throw SetupError(section.where("url") + ": not the place of a homeserver; write https://host or https://host:port");
}

std::string read_prefix(const config::Section& section, const char* name) {
    std::string prefix = section.text(name);
    if (prefix.empty() || prefix.size() > longest_prefix || localpart_of(prefix) != prefix)
        throw SetupError(section.where(name) + ": a prefix has up to 64 lower case letters, digits, '.', '_' and '-', not '" + prefix + "'");
    return prefix;
}

std::string read_token(const config::Section& section, const char* name = "token") {
    std::string token = section.text(name);
    if (token.empty() || token.find_first_of(" \t\r\n") != std::string::npos)
        throw SetupError(section.where(name) + ": a token is one word, and not empty");
    return token;
}

/// The alias of a topic whose room is not spelled out; on the server of the shared room.
std::string alias_under(const config::Section& section, const config::Section& entry, const std::string& topic) {
    if (!section.has("alias_prefix")) throw SetupError(entry.where("topic") + ": the topic has no room; write 'room' beside it, or 'alias_prefix' for all");
    const std::string prefix = read_prefix(section, "alias_prefix");
    const std::string shared = section.text("room");
    const std::size_t server = shared.find(':');
    if (server == shared.npos) throw SetupError(section.where("alias_prefix") + ": it needs 'room' to say on which server, as in \"#name:server\"");
    std::string alias = '#' + prefix + localpart_of(topic) + shared.substr(server);
    if (!is_id(alias, '#')) throw SetupError(entry.where("topic") + ": too long for an alias; write 'room' beside it: " + topic);
    return alias;
}

void read_rooms(const config::Section& section, BackendSettings& settings) {
    std::set<std::string> topics;
    std::set<std::string> rooms{settings.room};
    for (const config::Section& each : section.sections("rooms")) {
        const std::string& named = each.text("topic");
        MappedRoom mapped{named, each.has("room") ? read_room(each, "room") : alias_under(section, each, named)};
        const Result<Topic> topic = Topic::parse({}, mapped.topic);
        if (!topic || topic->reserved()) throw SetupError(each.where("topic") + ": not a topic that a room can stand for: " + mapped.topic);
        if (!topics.insert(mapped.topic).second) throw SetupError(each.where("topic") + ": the topic has a room already: " + mapped.topic);
        if (!rooms.insert(mapped.room).second) throw SetupError(each.where(each.has("room") ? "room" : "topic") + ": the room is taken already: " + mapped.room);
        settings.rooms.push_back(std::move(mapped));
    }
}

PuppetSettings read_puppets(const config::Section& section) {
    return {read_token(section), read_prefix(section, "prefix"), static_cast<std::size_t>(section.integer("most"))};
}

std::string read_user(const config::Section& section) {
    std::string user = section.text("user");
    if (user.empty() || localpart_of(user) != user)
        throw SetupError(section.where("user") + ": a user's name has lower case letters, digits, '.', '_' and '-', and no server: " + user);
    return user;
}

/// The homeserver's word for it is a prefix of paths.
std::string read_pushed_url(const config::Section& section, const Address& address) {
    if (!section.has("url")) return (section.has("tls") ? "https://" : "http://") + address.text();
    try {
        const Url url = Url::parse(section.text("url"));
        if ((url.scheme == "http" || url.scheme == "https") && (url.path.empty() || url.path == "/")) return url.origin();
    } catch (const ClientError&) {  // said below, with the place
    }
    throw SetupError(section.where("url") + ": not how a homeserver can call the gateway; write http://host:port");
}

ListenSettings read_listen(const config::Section& section) {
    const Result<Address> address = Address::parse(section.text("address"));
    if (!address) throw SetupError(section.where("address") + ": not an address");
    return {*address, read_pushed_url(section, *address), read_token(section, "hs_token"), read_user(section)};
}

}  // namespace

config::Schema backend_fields() {
    using config::Field;
    using config::Type;
    return {
        Field{.name = "url", .type = Type::text, .doc = "The homeserver's client-server API.", .example = "https://matrix.example", .required = true},
        Field{.name = "token", .type = Type::secret,
              .doc = "Access token of the gateway's own user there; with 'listen' the as_token, a long secret that you make up.", .example = "{file: matrix.token}", .required = true},
        Field{.name = "room", .type = Type::text,
              .doc = "The room by which everything travels that has none of its own. The same at all gateways, and nobody else's. An alias of the "
                     "homeserver that leads nowhere is made, as a room that only the invited can join.",
              .example = "\"#junctor:matrix.example\"", .required = true},
        Field{.name = "rooms", .type = Type::section_list, .doc = "Topics that are rooms, one to one.",
              .fields = {Field{.name = "topic", .type = Type::text, .doc = "The topic, without wildcards.", .example = "plant/alarms", .required = true},
                         Field{.name = "room", .type = Type::text, .doc = "Its room: an alias or an id. Absent: the alias that 'alias_prefix' makes of the topic.",
                               .example = "\"#alarms:matrix.example\""}}},
        Field{.name = "alias_prefix", .type = Type::text,
              .doc = "How the aliases of rooms begin that stand only as a topic under 'rooms': with _j_ the topic a/b is #_j_a=2fb.", .example = "_j_"},
        Field{.name = "puppets", .type = Type::section,
              .doc = "With an application service the gateway writes in the rooms of topics as a user of its own for each principal; 'junctor "
                     "registration' writes what the homeserver has to install for that.",
              .fields = {Field{.name = "token", .type = Type::secret, .doc = "The as_token of the application service: a long secret that you make up. "
                                                                                  "The same at all gateways of the homeserver.",
                               .example = "{file: matrix-puppets.token}", .required = true},
                         Field{.name = "prefix", .type = Type::text, .doc = "How their names begin; @_junctor_alice:server for alice.", .fallback = "_junctor_"},
                         Field{.name = "most", .type = Type::integer,
                               .doc = "Users that the gateway brings along in one run, at most; for further principals it writes itself.",
                               .fallback = "1000", .min = 1, .max = 100'000}}},
        Field{.name = "listen", .type = Type::section,
              .doc = "The homeserver pushes what happens, to the gateway as an application service, instead of being asked for it; 'junctor "
                     "registration' writes what it has to install for that.",
              .fields = {Field{.name = "address", .type = Type::address, .doc = "Host and port to listen on.", .example = "127.0.0.1:9500", .required = true},
                         Field{.name = "url", .type = Type::text, .doc = "How the homeserver calls that. Absent: http, with tls https, and the address.",
                               .example = "\"http://plant-1.example:9500\""},
                         Field{.name = "hs_token", .type = Type::secret, .doc = "By which the homeserver proves that it is the one: another long secret that you make up.",
                               .example = "{file: matrix-hs.token}", .required = true},
                         Field{.name = "user", .type = Type::text,
                               .doc = "The gateway's own user, without server: junctor-1 for @junctor-1:matrix.example. Another one for each gateway.",
                               .example = "junctor-1", .required = true}}},
        Field{.name = "members", .type = Type::text_list, .doc = "Users invited to rooms that the gateway makes: those of the other gateways.",
              .fallback = "[]", .example = "[\"@junctor-two:matrix.example\"]"},
        Field{.name = "ca", .type = Type::path, .doc = "With https: who may have signed the homeserver's certificate, PEM. Absent: whom the system trusts."},
        Field{.name = "waiting", .type = Type::integer,
              .doc = "Most messages that the homeserver has not taken; publishers of more hear that the gateway is overloaded.", .fallback = "10000",
              .min = 1, .max = 1'000'000},
    };
}

BackendSettings read_backend_settings(const config::Section& section) {
    BackendSettings settings;
    settings.url = read_url(section);
    settings.tls.ca_file = config::optional_text(section, "ca");
    settings.token = read_token(section);
    settings.room = read_room(section, "room");
    settings.members = section.texts("members");
    for (const std::string& each : settings.members)
        if (!is_id(each, '@')) throw SetupError(section.where("members") + ": not a user; write \"@name:server\": " + each);
    settings.waiting = static_cast<std::size_t>(section.integer("waiting"));
    if (section.has("alias_prefix")) settings.alias_prefix = read_prefix(section, "alias_prefix");
    if (section.has("puppets")) settings.puppets = read_puppets(section.section("puppets"));
    if (section.has("listen")) settings.listen = read_listen(section.section("listen"));
    read_rooms(section, settings);
    return settings;
}

std::string localpart_of(std::string_view text) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string name;
    for (const char each : text) {
        const auto byte = static_cast<std::uint8_t>(each);
        if ((each >= 'a' && each <= 'z') || (each >= '0' && each <= '9') || each == '.' || each == '_' || each == '-') {
            name += each;
        } else {
            ((name += '=') += digits[byte >> 4U]) += digits[byte & 15U];
        }
    }
    return name;
}

std::string_view alias_localpart(std::string_view alias) noexcept {
    alias.remove_prefix(1);
    return alias.substr(0, alias.find(':'));
}

}  // namespace junctor::matrix
