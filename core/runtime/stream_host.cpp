#include "core/runtime/stream_host.hpp"

#include <limits>
#include <utility>

#include "core/base/setup_error.hpp"
#include "core/runtime/polled_descriptor.hpp"

namespace junctor {

/// An address that is served.
struct StreamHost::Site {
    Address bound;
    std::shared_ptr<LiveRoutes> routes = std::make_shared<LiveRoutes>(std::make_shared<const HttpRoutes>());
    bool http = false;
    std::unique_ptr<Endpoint> endpoint;
    std::vector<ListenSocket> sockets;  ///< one per core, until its core accepts
};

StreamHost::StreamHost(const Loops& loops, HttpStreamFactoryMaker http) : loops_(loops), http_(std::move(http)) {}

StreamHost::~StreamHost() = default;

OwnerId StreamHost::set_owner(std::string name, OwnerId known) {
    if (known == OwnerId{}) {
        if (last_owner_.value == std::numeric_limits<std::uint16_t>::max()) throw SetupError("so many reloads need a restart");
        known = {++last_owner_.value};
    }
    owner_ = {known, std::move(name)};
    return known;
}

ServicePlan& StreamHost::draft() {
    if (!draft_) draft_.emplace();
    return *draft_;
}

void StreamHost::serve_streams(const Address& address, StreamFactory factory) { draft().serve_streams(owner_, address, std::move(factory)); }

void StreamHost::serve_http(const Address& address, HttpRoute route) { draft().serve_http(owner_, address, std::move(route)); }

void StreamHost::serve_websocket(const Address& address, WebSocketRoute route) {
    draft().serve_websocket(owner_, address, std::move(route));
}

Address StreamHost::bound(const Address& address) const {
    const auto found = sites_.find(address);
    return found == sites_.end() ? address : found->second->bound;
}

Endpoint* StreamHost::endpoint(const Address& address) const noexcept {
    const auto found = sites_.find(address);
    return found == sites_.end() ? nullptr : found->second->endpoint.get();
}

void StreamHost::post(CoreId core, std::function<void(Core&)> task) {
    if (collecting_.load(std::memory_order_acquire)) {
        const std::lock_guard lock(posted_mutex_);
        if (collecting_.load(std::memory_order_relaxed) && (!started_ || std::this_thread::get_id() == main_thread_)) {
            posted_.emplace_back(core, std::move(task));
            return;
        }
    }
    loops_[core.value]->post(std::move(task));
}

void StreamHost::release_posted() {
    const std::lock_guard lock(posted_mutex_);
    for (auto& [core, task] : posted_) loops_[core.value]->post(std::move(task));
    posted_.clear();
    started_ = true;
    collecting_.store(false, std::memory_order_release);
}

std::unique_ptr<DescriptorWatch> StreamHost::watch(Core& core, int descriptor, std::function<void()> readable) {
    return std::make_unique<PolledDescriptor>(loops_[core.id().value]->poller(), descriptor, std::move(readable));
}

void StreamHost::begin_draft(const std::vector<OwnerId>& kept) {
    draft_ = plan_.only(kept);
    collecting_.store(true, std::memory_order_release);
}

std::unique_ptr<StreamHost::Site> StreamHost::open_site(const Address& address, const ServicePlan::Place& place) const {
    if (place.http() && !http_) throw SetupError("nothing here speaks HTTP on " + address.text());
    auto site = std::make_unique<Site>();
    site->bound = ListenSocket::claim(address);
    for (std::size_t core = 0; core < loops_.size(); ++core) site->sockets.push_back(ListenSocket::open(site->bound));
    site->endpoint = std::make_unique<Endpoint>(site->bound, nullptr);
    apply(*site, place);
    return site;
}

void StreamHost::apply(Site& site, const ServicePlan::Place& place) const {
    const bool was_http = std::exchange(site.http, place.http());
    site.routes->replace(std::make_shared<const HttpRoutes>(place.routes));
    if (place.streams) {
        site.endpoint->protocol.store(std::make_shared<const Endpoint::Protocol>(Endpoint::Protocol{place.streams, place.streams_owner}));
    } else if (!was_http) {
        site.endpoint->protocol.store(std::make_shared<const Endpoint::Protocol>(Endpoint::Protocol{http_(site.routes), {}}));
    }
    if (place.tls && place.http()) place.tls->speak_http();
    site.endpoint->tls.store(place.tls);
}

void StreamHost::prepare() {
    try {
        for (const auto& [address, place] : draft().places())
            if (place.served() && !sites_.contains(address)) fresh_[address] = open_site(address, place);
    } catch (...) {
        fresh_.clear();
        throw;
    }
}

void StreamHost::abandon() noexcept {
    draft_.reset();
    fresh_.clear();
    const std::lock_guard lock(posted_mutex_);
    posted_.clear();
    collecting_.store(false, std::memory_order_release);
}

Departure StreamHost::commit() {
    Departure departure;
    departure.owners = plan_.missing_in(*draft_);
    for (auto site = sites_.begin(); site != sites_.end();) {
        const auto place = draft_->places().find(site->first);
        if (place != draft_->places().end() && place->second.served()) {
            apply(*site->second, place->second);
            ++site;
            continue;
        }
        departure.endpoints.push_back(site->second->endpoint.get());
        retired_.push_back(std::move(site->second));
        site = sites_.erase(site);
    }
    sites_.merge(fresh_);
    plan_ = std::move(*draft_);
    draft_.reset();
    return departure;
}

void StreamHost::update_acceptors(StreamSet& set, Acceptors& acceptors) {
    for (const auto& [address, site] : sites_) {
        if (site->sockets.empty()) continue;
        ListenSocket& socket = site->sockets[set.loop().core().id().value];
        if (socket.descriptor() >= 0) acceptors[address] = std::make_unique<Acceptor>(set, *site->endpoint, std::move(socket));
    }
    std::erase_if(acceptors, [&](const auto& entry) { return !sites_.contains(entry.first); });
}

}  // namespace junctor
