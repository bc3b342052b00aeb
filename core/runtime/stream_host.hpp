#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/ports/host.hpp"
#include "core/runtime/acceptor.hpp"
#include "core/runtime/departure.hpp"
#include "core/runtime/endpoint.hpp"
#include "core/runtime/event_loop.hpp"
#include "core/runtime/service_plan.hpp"
#include "core/runtime/stream_set.hpp"

namespace junctor {

/// What is served where. Registrations go into a draft; `prepare` binds what is new in it, `commit` makes it what is served. All on
/// the main thread, except `watch`, `post` and `update_acceptors`.
class StreamHost final : public Host {
public:
    using Loops = std::vector<std::unique_ptr<EventLoop>>;
    using Acceptors = std::map<Address, std::unique_ptr<Acceptor>>;

    StreamHost(const Loops& loops, HttpStreamFactoryMaker http);
    ~StreamHost();

    /// Who registers from now on: somebody new, or `known` once more. SetupError when the numbers are used up.
    OwnerId set_owner(std::string name, OwnerId known = {});
    void set_tls(const Address& address, const TlsSettings& settings) { draft().set_tls(address, settings); }

    void serve_streams(const Address& address, StreamFactory factory) override;
    void serve_http(const Address& address, HttpRoute route) override;
    void serve_websocket(const Address& address, WebSocketRoute route) override;
    Address bound(const Address& address) const override;
    std::uint16_t core_count() const noexcept override { return static_cast<std::uint16_t>(loops_.size()); }
    void post(CoreId core, std::function<void(Core&)> task) override;
    std::unique_ptr<DescriptorWatch> watch(Core& core, int descriptor, std::function<void()> readable) override;

    /// Begins another draft, with what `kept` have now but without any TLS. What this thread posts waits for `release_posted`.
    void begin_draft(const std::vector<OwnerId>& kept);
    /// Binds the addresses of the draft that are not served yet, for all cores. Throws SetupError, and then holds none of them.
    void prepare();
    /// Forgets the draft and what was posted for it.
    void abandon() noexcept;
    /// From here on the draft is what is served. Answers whose connections are to end.
    Departure commit();
    /// What was posted for the draft goes to its core now.
    void release_posted();

    /// Begins and ceases to accept on the core of `set`, as committed. On that core, while the main thread waits.
    void update_acceptors(StreamSet& set, Acceptors& acceptors);

    /// Null where that address is not served.
    Endpoint* endpoint(const Address& address) const noexcept;

private:
    struct Site;
    using Sites = std::map<Address, std::unique_ptr<Site>>;

    ServicePlan& draft();
    std::unique_ptr<Site> open_site(const Address& address, const ServicePlan::Place& place) const;
    void apply(Site& site, const ServicePlan::Place& place) const;

    const Loops& loops_;
    HttpStreamFactoryMaker http_;
    ServicePlan::Owner owner_{{}, "the gateway"};
    OwnerId last_owner_;
    ServicePlan plan_;
    std::optional<ServicePlan> draft_ = ServicePlan();
    Sites sites_;
    Sites fresh_;                                  ///< bound by `prepare`
    std::vector<std::unique_ptr<Site>> retired_;  ///< not served any more; connections may still point to their endpoints

    std::mutex posted_mutex_;
    std::atomic<bool> collecting_{true};  ///< what is posted waits: at first from every thread, later from the main thread alone
    bool started_ = false;                ///< under the mutex
    const std::thread::id main_thread_ = std::this_thread::get_id();
    std::vector<std::pair<CoreId, std::function<void(Core&)>>> posted_;
};

}  // namespace junctor
