#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/ports/stream.hpp"

namespace junctor {

class HttpExchange;
struct HttpRequest;

/// An address as configured: host and port, in canonical form `127.0.0.1:1883`, `[::1]:1883`, `0.0.0.0:1883`. Port 0: any free one.
struct Address {
    std::string host;
    std::uint16_t port = 0;

    static Result<Address> parse(std::string_view text);
    std::string text() const;
    bool loopback() const;
    /// Why no server can listen there, and what to write instead, as the rest of a sentence that begins with the address; empty: nothing is
    /// against it.
    std::string obstacle() const;
    friend bool operator==(const Address&, const Address&) = default;
    friend auto operator<=>(const Address&, const Address&) = default;
};

/// Makes the protocol of one accepted connection, on the core that accepted it. Must be callable on several cores at once.
using StreamFactory = std::function<std::unique_ptr<StreamHandler>(Stream&)>;

/// Serves a request; may answer later. The exchange stays on its core. Must be callable on several cores at once.
using HttpHandler = std::function<void(std::shared_ptr<HttpExchange>)>;

struct HttpRoute {
    std::string method;  ///< `GET`, ...; empty: any
    std::string prefix;  ///< `/v1/topics/`; without the final slash the path must be equal
    HttpHandler handler;
    /// Asked before more than `Limits::unauthenticated_packet` of a body is read, with the body still empty: answers with an error,
    /// or lets the body come by `HttpExchange::admit_body`. Absent: larger bodies get 413.
    HttpHandler admit = {};
    /// Web pages (`https://app.example`) that may use it besides those of its own origin; `*`: any. Others get 403.
    std::vector<std::string> origins = {};
    std::size_t most_body = 0;  ///< bytes of a body that was admitted, at most; 0: `Limits::packet`
    /// Where what a request is about lives: its connection goes there before the request is served. Absent: any core will do.
    std::function<CoreId(const HttpRequest&, const Core&)> home = {};
    OwnerId owner = {};  ///< set by the host
};

struct WebSocketRoute {
    std::string path;         ///< a segment `*` stands for any one
    std::string subprotocol;  ///< the one required and answered; empty: none asked, none answered
    WebSocketMode mode = WebSocketMode::messages;
    bool text = false;        ///< what `Stream::send` sends: text or binary frames
    /// The upgrade request (for credentials, query) lives only during the call.
    /// Must not send: the handshake's answer goes out after it. Null refuses with 503.
    std::function<std::unique_ptr<StreamHandler>(Stream&, const HttpRequest&)> factory;
    /// Web pages (`https://app.example`) that may open it besides those of the same origin; `*`: any.
    std::vector<std::string> origins = {};
    OwnerId owner = {};  ///< set by the host
};

/// A watch on a foreign file descriptor; ends when destroyed.
class DescriptorWatch {
public:
    virtual ~DescriptorWatch() = default;
};

/// What the process offers a listener: addresses to serve and a core to live on. Called on the main thread before the cores run
/// (or on reload); two owners of one address or route are a SetupError that names both.
class Host {
public:
    virtual void serve_streams(const Address& address, StreamFactory factory) = 0;
    virtual void serve_http(const Address& address, HttpRoute route) = 0;
    virtual void serve_websocket(const Address& address, WebSocketRoute route) = 0;

    /// The address as bound: port 0 resolved. Valid once the host has started.
    virtual Address bound(const Address& address) const = 0;

    virtual std::uint16_t core_count() const noexcept = 0;
    /// Runs `task` on a core, soon; while setting up: when every core has its gate. From any thread.
    virtual void post(CoreId core, std::function<void(Core&)> task) = 0;
    /// Calls `readable` on `core` whenever the descriptor may be readable (level-triggered). From that core.
    virtual std::unique_ptr<DescriptorWatch> watch(Core& core, int descriptor, std::function<void()> readable) = 0;

protected:
    ~Host() = default;
};

}  // namespace junctor
