#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/ports/host.hpp"
#include "core/runtime/acceptor.hpp"
#include "core/runtime/endpoint.hpp"
#include "core/runtime/event_loop.hpp"
#include "core/runtime/http_routes.hpp"
#include "core/runtime/stream_set.hpp"
#include "core/runtime/tls_context.hpp"

namespace junctor {

/// What is served where: collects registrations, then binds. All on the main thread, except `watch` and `post`.
class StreamHost final : public Host {
public:
    using Loops = std::vector<std::unique_ptr<EventLoop>>;

    StreamHost(const Loops& loops, HttpStreamFactoryMaker http);
    ~StreamHost();

    void set_owner(std::string owner) { owner_ = std::move(owner); }
    void set_tls(const Address& address, const TlsSettings& settings);

    void serve_streams(const Address& address, StreamFactory factory) override;
    void serve_http(const Address& address, HttpRoute route) override;
    void serve_websocket(const Address& address, WebSocketRoute route) override;
    Address bound(const Address& address) const override;
    std::uint16_t core_count() const noexcept override { return static_cast<std::uint16_t>(loops_.size()); }
    void post(CoreId core, std::function<void(Core&)> task) override;
    std::unique_ptr<DescriptorWatch> watch(Core& core, int descriptor, std::function<void()> readable) override;

    /// Every core has its gate: what was posted before goes to its core now.
    void release_posted();

    /// Binds all addresses for all cores. Throws SetupError, and then holds none of them.
    void bind();
    /// Begins to accept what `bind` bound for the core of `set`. On that core.
    std::vector<std::unique_ptr<Acceptor>> accept(StreamSet& set);

    /// All or nothing; the reason when nothing.
    std::optional<std::string> reload_tls(const std::map<Address, TlsSettings>& settings);

private:
    struct Site;

    Site& site(const Address& address);
    Site& http_site(const Address& address);
    [[noreturn]] void refuse(const std::string& what, const std::string& first) const;
    std::unique_ptr<Endpoint> endpoint_of(Site& site) const;

    const Loops& loops_;
    HttpStreamFactoryMaker http_;
    std::string owner_ = "the gateway";
    std::mutex early_mutex_;
    std::atomic<bool> released_{false};
    std::vector<std::pair<CoreId, std::function<void(Core&)>>> early_;  ///< posted before `release_posted`
    std::map<Address, std::unique_ptr<Site>> sites_;
};

}  // namespace junctor
