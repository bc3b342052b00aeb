#pragma once

#include <functional>
#include <map>
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

    /// Who registers routes from now on, for error messages: `connectors[0] (mqtt)`.
    void set_owner(std::string owner);
    /// Makes `address` speak TLS. SetupError when the files are no good; two different settings for one address are one, too.
    void set_tls(const Address& address, const TlsSettings& settings);

    /// Binds every address, starts the threads, and calls `setup` once per core (core 0 first, each on its own thread, one after the
    /// other): it sets the core's gate and mail handler. Accepts when all are set up. SetupError when an address is in use (names the holder) or
    /// `setup` throws.
    void start(const std::function<void(EventLoop&)>& setup);

    /// Stops accepting, asks every connection's protocol to say goodbye, and waits until all are closed or `Limits::drain_timeout`
    /// is over. Answers how many were still there. New addresses cannot be served afterwards.
    std::size_t drain();
    /// Ends every connection and thread. Harmless when repeated.
    void stop();

    /// Takes new certificates for connections to come: all of them, or none and the reason.
    std::optional<std::string> reload_tls(const std::map<Address, TlsSettings>& settings);

    /// Per core, for `prometheus_text`. Readable from any thread.
    std::vector<const Metrics*> metrics() const;
    /// Connections open now. From any thread.
    std::size_t connections() const noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace junctor
