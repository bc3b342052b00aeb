#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>

#include "core/runtime/system_random.hpp"
#include "core/web/outbound_origin.hpp"
#include "core/web/outbound_trust.hpp"

namespace junctor::web {

/// HTTP/1.1, plain and over TLS, as a client that blocks nobody.
///
/// It has a thread of its own, started by the first request, on which everything happens: names, handshakes, parsing; answers are
/// posted to the core that asked. Not on the cores, because a TLS handshake costs a millisecond that every connection of the core would
/// wait, because an idle loop sleeps cheaper while nobody uses Asio there (`EventLoop`), and because one pool and one circuit breaker for
/// the process see a server fail once and not once per core. The price, two hand-overs between threads, is a tenth of what the fastest
/// server takes. Names are looked up by Asio's resolver, one at a time, beside this thread.
///
/// Order of use: construct, hand out, `stop` when no core runs any more. What is sent afterwards is never answered.
class OutboundClient final : public Outbound {
public:
    /// Runs a task soon on a core. From any thread, until `stop`.
    using Post = std::function<void(CoreId, std::function<void()>)>;

    OutboundClient(OutboundOrigin::Options options, const Clock& clock, Post post);
    ~OutboundClient();
    OutboundClient(const OutboundClient&) = delete;
    OutboundClient& operator=(const OutboundClient&) = delete;

    OutboundTrustPtr trust(const OutboundTls& tls) override;
    std::unique_ptr<OutboundCall> send(CoreId home, OutboundRequest request, OutboundDone done) override;

    /// Ends all requests and the thread. Harmless when repeated.
    void stop() noexcept;

    /// Of its thread; readable from any.
    const Metrics& metrics() const noexcept { return cells_; }

private:
    struct Pending;
    class Call;
    /// What shares connections: the same server, believed in the same way.
    using Key = std::tuple<std::string, bool, OutboundTrustPtr>;

    static constexpr std::size_t max_origins = 64;

    void run() noexcept;
    void begin(const std::shared_ptr<Pending>& pending, OutboundRequest& request, TimePoint began);
    OutboundOrigin* origin(const OutboundRequest& request);
    void cancel(std::uint64_t id);
    void answer(const std::shared_ptr<Pending>& pending, OutboundAnswer answer);

    const OutboundOrigin::Options options_;
    const Clock& clock_;
    const Post post_;
    std::atomic<std::uint64_t> last_id_{0};
    std::once_flag started_;
    std::atomic<bool> stopping_{false};
    std::once_flag system_trust_read_;
    std::shared_ptr<const TrustContext> system_trust_;

    // On the thread only.
    boost::asio::io_context io_{1};
    Metrics cells_;
    SystemRandom random_;
    TimerWheel timers_;
    std::map<Key, std::unique_ptr<OutboundOrigin>> origins_;
    std::unordered_map<std::uint64_t, OutboundOrigin*> homes_;  ///< of requests under way

    std::thread thread_;
};

}  // namespace junctor::web
