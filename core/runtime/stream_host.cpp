#include "core/runtime/stream_host.hpp"

#include <algorithm>
#include <utility>

#include "core/base/setup_error.hpp"
#include "core/runtime/polled_descriptor.hpp"

namespace junctor {

/// All that is known of one address.
struct StreamHost::Site {
    Address bound;
    std::string stream_owner;  ///< of `streams`
    StreamFactory streams;
    std::shared_ptr<HttpRoutes> routes = std::make_shared<HttpRoutes>();
    std::vector<std::string> http_owners;       ///< beside `routes->http`
    std::vector<std::string> websocket_owners;  ///< beside `routes->websocket`
    std::optional<TlsSettings> tls_settings;
    std::shared_ptr<TlsContext> tls;
    std::unique_ptr<Endpoint> endpoint;
    std::vector<ListenSocket> sockets;  ///< one per core, until its core accepts

    bool http() const noexcept { return !routes->http.empty() || !routes->websocket.empty(); }
};

namespace {

std::string describe(const Address& address, const HttpRoute& route) {
    return "the route " + (route.method.empty() ? "any method" : route.method) + " " + route.prefix + " on " + address.text();
}

std::string describe(const Address& address, const WebSocketRoute& route) {
    const std::string subprotocol = route.subprotocol.empty() ? "" : " (subprotocol " + route.subprotocol + ")";
    return "the WebSocket " + route.path + subprotocol + " on " + address.text();
}

}  // namespace

StreamHost::StreamHost(const Loops& loops, HttpStreamFactoryMaker http) : loops_(loops), http_(std::move(http)) {}

StreamHost::~StreamHost() = default;

StreamHost::Site& StreamHost::site(const Address& address) {
    std::unique_ptr<Site>& place = sites_[address];
    if (!place) place = std::make_unique<Site>();
    return *place;
}

void StreamHost::refuse(const std::string& what, const std::string& first) const {
    throw SetupError(owner_ + " wants " + what + ", which belongs to " + first + " already");
}

void StreamHost::set_tls(const Address& address, const TlsSettings& settings) {
    Site& place = site(address);
    if (place.tls_settings && *place.tls_settings != settings)
        throw SetupError("the address " + address.text() + " has two different tls: blocks; one listener has one certificate");
    if (place.tls_settings) return;
    place.tls = std::make_shared<TlsContext>(settings);
    place.tls_settings = settings;
}

void StreamHost::serve_streams(const Address& address, StreamFactory factory) {
    Site& place = site(address);
    if (place.streams) refuse("the address " + address.text(), place.stream_owner);
    if (place.http()) refuse("the address " + address.text(), place.http_owners.empty() ? place.websocket_owners[0] : place.http_owners[0]);
    place.streams = std::move(factory);
    place.stream_owner = owner_;
}

StreamHost::Site& StreamHost::http_site(const Address& address) {
    Site& place = site(address);
    if (place.streams) refuse("a route on " + address.text(), place.stream_owner);
    return place;
}

void StreamHost::serve_http(const Address& address, HttpRoute route) {
    Site& place = http_site(address);
    const std::vector<HttpRoute>& known = place.routes->http;
    for (std::size_t i = 0; i < known.size(); ++i)
        if (known[i].method == route.method && known[i].prefix == route.prefix) refuse(describe(address, route), place.http_owners[i]);
    place.routes->http.push_back(std::move(route));
    place.http_owners.push_back(owner_);
}

void StreamHost::serve_websocket(const Address& address, WebSocketRoute route) {
    Site& place = http_site(address);
    const std::vector<WebSocketRoute>& known = place.routes->websocket;
    for (std::size_t i = 0; i < known.size(); ++i)
        if (known[i].path == route.path && known[i].subprotocol == route.subprotocol)
            refuse(describe(address, route), place.websocket_owners[i]);
    place.routes->websocket.push_back(std::move(route));
    place.websocket_owners.push_back(owner_);
}

Address StreamHost::bound(const Address& address) const {
    const auto found = sites_.find(address);
    return found == sites_.end() ? address : found->second->bound;
}

void StreamHost::post(CoreId core, std::function<void(Core&)> task) {
    if (!released_.load(std::memory_order_acquire)) {
        const std::lock_guard lock(early_mutex_);
        if (!released_.load(std::memory_order_relaxed)) {
            early_.emplace_back(core, std::move(task));
            return;
        }
    }
    loops_[core.value]->post(std::move(task));
}

void StreamHost::release_posted() {
    const std::lock_guard lock(early_mutex_);
    for (auto& [core, task] : early_) loops_[core.value]->post(std::move(task));
    early_.clear();
    released_.store(true, std::memory_order_release);
}

std::unique_ptr<DescriptorWatch> StreamHost::watch(Core& core, int descriptor, std::function<void()> readable) {
    return std::make_unique<PolledDescriptor>(loops_[core.id().value]->poller(), descriptor, std::move(readable));
}

std::unique_ptr<Endpoint> StreamHost::endpoint_of(Site& place) const {
    StreamFactory factory = place.streams;
    if (!factory) {
        if (!http_) throw SetupError("nothing here speaks HTTP on " + place.bound.text());
        factory = http_(place.routes);
        if (place.tls) place.tls->speak_http();
    }
    auto endpoint = std::make_unique<Endpoint>(place.bound, std::move(factory));
    endpoint->tls.store(place.tls);
    return endpoint;
}

void StreamHost::bind() {
    std::map<Address, std::vector<ListenSocket>> sockets;
    for (auto& [address, place] : sites_) {
        if (!place->streams && !place->http()) continue;  // TLS settings of an address that nobody serves
        place->bound = ListenSocket::claim(address);
        for (std::size_t core = 0; core < loops_.size(); ++core) sockets[address].push_back(ListenSocket::open(place->bound));
        place->endpoint = endpoint_of(*place);
    }
    for (auto& [address, listeners] : sockets) sites_[address]->sockets = std::move(listeners);
}

std::vector<std::unique_ptr<Acceptor>> StreamHost::accept(StreamSet& set) {
    std::vector<std::unique_ptr<Acceptor>> acceptors;
    for (auto& [address, place] : sites_) {
        if (place->sockets.empty()) continue;
        ListenSocket& socket = place->sockets[set.loop().core().id().value];
        acceptors.push_back(std::make_unique<Acceptor>(set, *place->endpoint, std::move(socket)));
    }
    return acceptors;
}

std::optional<std::string> StreamHost::reload_tls(const std::map<Address, TlsSettings>& settings) {
    std::vector<std::pair<Site*, std::shared_ptr<TlsContext>>> fresh;
    for (const auto& [address, wanted] : settings) {
        const auto found = sites_.find(address);
        if (found == sites_.end() || !found->second->tls) return "TLS cannot be turned on for " + address.text() + " without a restart";
        try {
            fresh.emplace_back(found->second.get(), std::make_shared<TlsContext>(wanted));
        } catch (const SetupError& error) {
            return error.what();
        }
    }
    for (auto& [place, context] : fresh) {
        if (place->http()) context->speak_http();
        place->tls = context;
        if (place->endpoint) place->endpoint->tls.store(context);
    }
    return std::nullopt;
}

}  // namespace junctor
