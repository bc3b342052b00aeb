#include "core/runtime/service_plan.hpp"

#include <algorithm>
#include <utility>

#include "core/base/setup_error.hpp"

namespace junctor {

namespace {

std::string describe(const Address& address, const HttpRoute& route) {
    return "the route " + (route.method.empty() ? "any method" : route.method) + " " + route.prefix + " on " + address.text();
}

std::string describe(const Address& address, const WebSocketRoute& route) {
    const std::string subprotocol = route.subprotocol.empty() ? "" : " (subprotocol " + route.subprotocol + ")";
    return "the WebSocket " + route.path + subprotocol + " on " + address.text();
}

bool same_place(const HttpRoute& a, const HttpRoute& b) { return a.method == b.method && a.prefix == b.prefix; }
bool same_place(const WebSocketRoute& a, const WebSocketRoute& b) { return a.path == b.path && a.subprotocol == b.subprotocol; }

template <class Route>
const Route* same_route(const std::vector<Route>& known, const Route& route) {
    const auto found = std::ranges::find_if(known, [&](const Route& other) { return same_place(other, route); });
    return found == known.end() ? nullptr : &*found;
}

OwnerId any_owner(const HttpRoutes& routes) { return routes.http.empty() ? routes.websocket.front().owner : routes.http.front().owner; }

}  // namespace

void ServicePlan::refuse(const Owner& owner, const std::string& what, OwnerId first, const std::string& about) const {
    throw SetupError(owner.name + " wants " + what + ", which belongs to " + names_.at(first) + " already", about);
}

void ServicePlan::set_tls(const Address& address, const TlsSettings& settings) {
    Place& place = places_[address];
    if (place.tls_settings && *place.tls_settings != settings)
        throw SetupError("the address " + address.text() + " has two different tls: blocks; one listener has one certificate", address.text());
    if (place.tls_settings) return;
    place.tls = std::make_shared<TlsContext>(settings);
    place.tls_settings = settings;
}

void ServicePlan::serve_streams(const Owner& owner, const Address& address, StreamFactory factory) {
    Place& place = places_[address];
    if (place.streams) refuse(owner, "the address " + address.text(), place.streams_owner, address.text());
    if (place.http()) refuse(owner, "the address " + address.text(), any_owner(place.routes), address.text());
    place.streams = std::move(factory);
    place.streams_owner = owner.id;
    know(owner);
}

ServicePlan::Place& ServicePlan::http_place(const Owner& owner, const Address& address) {
    Place& place = places_[address];
    if (place.streams) refuse(owner, "a route on " + address.text(), place.streams_owner, address.text());
    return place;
}

void ServicePlan::serve_http(const Owner& owner, const Address& address, HttpRoute route) {
    Place& place = http_place(owner, address);
    if (const HttpRoute* first = same_route(place.routes.http, route)) refuse(owner, describe(address, route), first->owner);
    route.owner = owner.id;
    place.routes.http.push_back(std::move(route));
    know(owner);
}

void ServicePlan::serve_websocket(const Owner& owner, const Address& address, WebSocketRoute route) {
    Place& place = http_place(owner, address);
    if (const WebSocketRoute* first = same_route(place.routes.websocket, route)) refuse(owner, describe(address, route), first->owner);
    route.owner = owner.id;
    place.routes.websocket.push_back(std::move(route));
    know(owner);
}

ServicePlan ServicePlan::only(const std::vector<OwnerId>& kept) const {
    const auto keeps = [&](OwnerId id) { return std::ranges::find(kept, id) != kept.end(); };
    ServicePlan plan;
    for (const auto& [id, name] : names_)
        if (keeps(id)) plan.names_[id] = name;
    for (const auto& [address, place] : places_) {
        Place rest;
        rest.routes = place.routes;
        std::erase_if(rest.routes.http, [&](const HttpRoute& route) { return !keeps(route.owner); });
        std::erase_if(rest.routes.websocket, [&](const WebSocketRoute& route) { return !keeps(route.owner); });
        if (place.streams && keeps(place.streams_owner)) {
            rest.streams = place.streams;
            rest.streams_owner = place.streams_owner;
        }
        if (rest.served()) plan.places_[address] = std::move(rest);
    }
    return plan;
}

std::vector<OwnerId> ServicePlan::missing_in(const ServicePlan& next) const {
    std::vector<OwnerId> missing;
    for (const auto& [id, name] : names_)
        if (!next.names_.contains(id)) missing.push_back(id);
    return missing;
}

}  // namespace junctor
