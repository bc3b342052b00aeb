#include "connectors/matrix/homeserver.hpp"

#include <nlohmann/json.hpp>

#include "connectors/matrix/codec.hpp"
#include "core/ports/http.hpp"
#include "core/runtime/system_clock.hpp"
#include "core/web/outbound_client.hpp"

namespace junctor::matrix {
namespace {

using nlohmann::json;

constexpr Duration patience = std::chrono::seconds(15);
constexpr std::size_t most_bytes = 32U << 20;
constexpr const char* page = "100";
constexpr const char* few = "20";

struct OwnOutbound {
    explicit OwnOutbound(const BackendPlace& place)
        : client(web::OutboundOrigin::Options(), clock, [post = place.post](CoreId, std::function<void()> task) { post(std::move(task)); }) {}
    ~OwnOutbound() { client.stop(); }

    SystemClock clock;
    web::OutboundClient client;
};

const std::string root = "/_matrix/client/v3";

const std::string position_of = "junctor.position.";
const std::string transactions_of = "junctor.transactions.";

std::string data_path(const std::string& user, const std::string& name) { return "/user/" + percent_encode(user) + "/account_data/" + percent_encode(name); }

json user_named(std::string_view name) { return {{"type", "m.login.application_service"}, {"username", name}, {"inhibit_login", true}}; }

}  // namespace

std::shared_ptr<Outbound> make_outbound(const BackendPlace& place) {
    if (place.outbound) return {std::shared_ptr<void>(), place.outbound};
    const auto own = std::make_shared<OwnOutbound>(place);
    return {own, &own->client};
}

Homeserver::Homeserver(const BackendSettings& settings, std::shared_ptr<Outbound> outbound, CoreId home)
    : settings_(settings), outbound_(std::move(outbound)), home_(home) {
    if (settings.url.secure()) trust_ = outbound_->trust(settings.tls);
}

OutboundRequest Homeserver::request(const char* method, std::string path, std::string_view body) const {
    OutboundRequest request;
    request.method = method;
    request.url = settings_.url;
    request.url.path = root + std::move(path);
    request.configured = true;
    request.headers = {{"Authorization", "Bearer " + settings_.token}};
    if (!body.empty()) {
        request.headers.push_back({"Content-Type", "application/json"});
        append(request.body, body);
    }
    request.timeout = patience;
    request.max_body = most_bytes;
    request.trust = trust_;
    return request;
}

Homeserver::Call Homeserver::who(OutboundDone done) const { return ask(request("GET", "/account/whoami"), std::move(done)); }

Homeserver::Call Homeserver::join(const std::string& room, OutboundDone done) const {
    OutboundRequest asked = request("POST", "/join/" + percent_encode(room), "{}");
    asked.repeatable = true;
    return ask(std::move(asked), std::move(done));
}

/// What a room's rules say of its own events (client-server API, "m.room.power_levels"), which they do not where others are named beside them.
const json& power_of_events() {
    static const json power{{"m.room.name", 50},          {"m.room.avatar", 50},     {"m.room.canonical_alias", 50}, {"m.room.history_visibility", 100},
                            {"m.room.power_levels", 100}, {"m.room.tombstone", 100}, {"m.room.server_acl", 100},     {"m.room.encryption", 100},
                            {std::string(retained_event), 0}};
    return power;
}

/// Members may write and retain, but only whoever made it invites; where puppets come, the other gateways too, each its own.
Homeserver::Call Homeserver::create(const std::string& alias, OutboundDone done) const {
    const json body{{"room_alias_name", std::string(alias_localpart(alias))},
                    {"preset", settings_.puppets.token.empty() ? "private_chat" : "trusted_private_chat"},
                    {"invite", settings_.members},
                    {"power_level_content_override", {{"invite", 50}, {"events_default", 0}, {"events", power_of_events()}}}};
    return ask(request("POST", "/createRoom", body.dump()), std::move(done));
}

Homeserver::Call Homeserver::position(const std::string& user, const std::string& name, OutboundDone done) const {
    return ask(request("GET", data_path(user, position_of + name)), std::move(done));
}

Homeserver::Call Homeserver::keep_position(const std::string& user, const std::string& name, const std::string& position,
                                           OutboundDone done) const {
    return keep(user, position_of + name, json{{"position", position}}.dump(), std::move(done));
}

Homeserver::Call Homeserver::transactions(const std::string& user, const std::string& name, OutboundDone done) const {
    return ask(request("GET", data_path(user, transactions_of + name)), std::move(done));
}

Homeserver::Call Homeserver::keep_transactions(const std::string& user, const std::string& name, const std::vector<std::string>& ids,
                                               const std::string& order, OutboundDone done) const {
    std::string document = json{{"transactions", ids}}.dump();
    if (!order.empty()) document.replace(document.size() - 1, 1, ",\"order\":" + order + '}');
    return keep(user, transactions_of + name, document, std::move(done));
}

Homeserver::Call Homeserver::keep(const std::string& user, const std::string& name, const std::string& document, OutboundDone done) const {
    return ask(request("PUT", data_path(user, name), document), std::move(done));
}

Homeserver::Call Homeserver::register_itself(OutboundDone done) const {
    OutboundRequest asked = request("POST", "/register", user_named(settings_.listen.user).dump());
    asked.repeatable = true;
    return ask(std::move(asked), std::move(done));
}

Homeserver::Call Homeserver::ping(OutboundDone done) const {
    OutboundRequest asked = request("POST", {}, R"({"transaction_id":"junctor"})");
    asked.url.path = "/_matrix/client/v1/appservice/" + percent_encode(settings_.listen.user) + "/ping";
    return ask(std::move(asked), std::move(done));
}

Homeserver::Call Homeserver::sync(const std::string& filter, const std::string& since, Duration wait, OutboundDone done) const {
    const auto wait_ms = std::chrono::duration_cast<std::chrono::milliseconds>(wait).count();
    std::string path = "/sync?timeout=" + std::to_string(wait_ms) + "&filter=" + percent_encode(filter);
    if (!since.empty()) path += "&since=" + percent_encode(since);
    OutboundRequest asked = request("GET", std::move(path));
    asked.timeout = wait + patience;
    return ask(std::move(asked), std::move(done));
}

Homeserver::Call Homeserver::messages(const std::string& room, const std::string& from, const std::string& to, const std::string& filter,
                                      OutboundDone done) const {
    std::string path = "/rooms/" + percent_encode(room) + "/messages?dir=b&limit=" + page;
    if (!from.empty()) path += "&from=" + percent_encode(from);
    if (!to.empty()) path += "&to=" + percent_encode(to);
    return ask(request("GET", path + "&filter=" + percent_encode(filter)), std::move(done));
}

Homeserver::Call Homeserver::newest(const std::string& room, const std::string& filter, OutboundDone done) const {
    return ask(request("GET", "/rooms/" + percent_encode(room) + "/messages?dir=b&limit=" + few + "&filter=" + percent_encode(filter)), std::move(done));
}

Homeserver::Call Homeserver::event(const std::string& room, const std::string& id, OutboundDone done) const {
    return ask(request("GET", "/rooms/" + percent_encode(room) + "/event/" + percent_encode(id)), std::move(done));
}

/// The token of the application service, in the name of one of its users.
OutboundRequest Homeserver::request_as(const std::string& puppet, const char* method, std::string path, std::string_view body) const {
    OutboundRequest asked = request(method, path + "?user_id=" + percent_encode(puppet), body);
    asked.headers.front().value = "Bearer " + settings_.puppets.token;
    return asked;
}

Homeserver::Call Homeserver::register_puppet(const std::string& user, OutboundDone done) const {
    OutboundRequest asked = request("POST", "/register", user_named(user.substr(1, user.find(':') - 1)).dump());
    asked.headers.front().value = "Bearer " + settings_.puppets.token;
    asked.repeatable = true;
    return ask(std::move(asked), std::move(done));
}

Homeserver::Call Homeserver::name_puppet(const std::string& user, const std::string& name, OutboundDone done) const {
    const std::string body = json{{"displayname", name}}.dump(-1, ' ', false, json::error_handler_t::replace);
    return ask(request_as(user, "PUT", "/profile/" + percent_encode(user) + "/displayname", body), std::move(done));
}

Homeserver::Call Homeserver::join_puppet(const std::string& user, const std::string& room, OutboundDone done) const {
    OutboundRequest asked = request_as(user, "POST", "/join/" + percent_encode(room), "{}");
    asked.repeatable = true;
    return ask(std::move(asked), std::move(done));
}

Homeserver::Call Homeserver::invite(const std::string& user, const std::string& room, OutboundDone done) const {
    OutboundRequest asked = request("POST", "/rooms/" + percent_encode(room) + "/invite", json{{"user_id", user}}.dump());
    asked.repeatable = true;
    return ask(std::move(asked), std::move(done));
}

Homeserver::Call Homeserver::send_state(const std::string& room, std::string_view type, const std::string& key, std::string_view content,
                                        OutboundDone done) const {
    return ask(request("PUT", "/rooms/" + percent_encode(room) + "/state/" + percent_encode(type) + '/' + percent_encode(key), content), std::move(done));
}

Homeserver::Call Homeserver::state(const std::string& room, OutboundDone done) const {
    return ask(request("GET", "/rooms/" + percent_encode(room) + "/state"), std::move(done));
}

Homeserver::Call Homeserver::send(const std::string& puppet, const std::string& room, std::string_view type, const std::string& transaction, std::string_view content,
                                  OutboundDone done) const {
    std::string path = "/rooms/" + percent_encode(room) + "/send/" + percent_encode(type) + '/' + percent_encode(transaction);
    return ask(puppet.empty() ? request("PUT", std::move(path), content) : request_as(puppet, "PUT", std::move(path), content), std::move(done));
}

}  // namespace junctor::matrix
