#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/model/limits.hpp"
#include "core/ports/host.hpp"
#include "core/runtime/http_routes.hpp"
#include "core/runtime/tls_settings.hpp"

namespace junctor {

class EventLoop;
class Metrics;
class Store;

/// The process's cores and addresses: one thread with one event loop per core, each of which accepts on every address.
///
/// Order of use, all on the main thread: construct, `set_owner`/`set_tls`/`Listener::open(host())`, `start`, ..., `drain`, `stop`.
/// What `start`'s callback makes (routers, gates) must outlive `stop`.
class Runtime {
public:
    struct Options {
        std::uint16_t cores = 0;  ///< 0: one per processor that this process may use
        Limits limits;
        HttpStreamFactoryMaker http;  ///< what speaks HTTP; without it `serve_http` is a SetupError
        Store* store = nullptr;       ///< outlives the runtime; started before it, stopped after it
    };

    Runtime(Options options, Clock& clock);
    /// Stops.
    ~Runtime();
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;

    std::uint16_t core_count() const noexcept;
    EventLoop& loop(CoreId core) noexcept;
    Host& host() noexcept;

    /// Who registers routes from now on: a name for error messages, `connector 'mqtt'`. Answers a number that never names another
    /// one; `known` registers once more under the number it has.
    OwnerId set_owner(std::string owner, OwnerId known = {});
    /// Makes `address` speak TLS. SetupError when the files are no good; two different settings for one address are one, too.
    void set_tls(const Address& address, const TlsSettings& settings);

    /// Binds every address, starts the threads, and calls `setup` once per core (core 0 first, each on its own thread, one after the
    /// other): it sets the core's gate and mail handler. Then calls `ready`, on this thread, and accepts. SetupError when an address is in
    /// use (names the holder) or `setup` throws.
    void start(const std::function<void(EventLoop&)>& setup, const std::function<void()>& ready = [] {});

    /// First half of a reload: registers anew what `register_new` registers through `host()`, `set_owner` and `set_tls`, beside what
    /// `kept` have (TLS is registered anew for everybody), and binds what is new. Throws what that throws, and then nothing has changed.
    void prepare(const std::vector<OwnerId>& kept, const std::function<void()>& register_new);
    /// Second half: new addresses accept, then those of nobody cease to. Whose owner is gone is asked to say goodbye; all other
    /// connections stay as they are. Requests and connections to come find what is new.
    void commit();
    /// The limits from now on, on every core.
    void set_limits(const Limits& limits);

    /// Waits until the cores have heard all that they had told each other, and so many times what that brought about.
    void settle(int times);
    /// What a drain leaves as it is: `owner`'s connections on that address of its own.
    struct Spared {
        Address address;
        OwnerId owner;
    };
    /// Stops accepting, asks every connection's protocol to say goodbye, and waits until all are closed or `Limits::drain_timeout`
    /// is over. Answers how many were still there.
    std::size_t drain(const std::optional<Spared>& spared = {});
    /// Ends every connection and thread. Harmless when repeated.
    void stop();

    /// Per core, for `prometheus_text`. Readable from any thread.
    std::vector<const Metrics*> metrics() const;
    /// Connections open now. From any thread.
    std::size_t connections() const noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace junctor
