#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/ports/http.hpp"
#include "core/ports/url.hpp"

namespace junctor {

/// How a server must prove itself to the gateway, and the gateway to it, where TLS is spoken. File names of PEM files.
struct OutboundTls {
    std::string ca_file;  ///< who may have signed the server's certificate; empty: whom the system trusts
    std::string cert;     ///< the gateway's own certificate chain; empty: it shows none
    std::string key;

    friend bool operator==(const OutboundTls&, const OutboundTls&) = default;
};

/// The same, read and checked. Immutable, shared by requests.
class OutboundTrust {
public:
    virtual ~OutboundTrust() = default;
};

using OutboundTrustPtr = std::shared_ptr<const OutboundTrust>;

/// One HTTP request that the gateway makes. Where it goes stands in the configuration, or in a document that a configured server
/// gave; never in what a client sent (THREATS class 26).
struct OutboundRequest {
    OutboundRequest() = default;

    /// Is this an answer to what was asked? Must not throw; on any thread.
    using Sense = std::function<bool(const HttpResponse&)>;

    std::string method = "GET";
    Url url;
    /// The URL stands so in the configuration: an address in it is meant. Otherwise link-local and metadata addresses are refused
    /// even where they are written as such; a name that leads to one always is.
    bool configured = false;
    std::vector<Header> headers;  ///< besides `Host`, `Content-Length` and `Connection`
    ByteBuffer body;
    Duration timeout = std::chrono::seconds(5);  ///< for all of it, waiting for a connection included
    std::size_t max_body = 1 << 20;              ///< bytes of the answer
    bool repeatable = false;  ///< a POST that may be sent twice; GET, HEAD, PUT, DELETE and OPTIONS may anyway
    OutboundTrustPtr trust;   ///< null: whom the system trusts
    /// A 2xx or 3xx of which it says no speaks against the server as a 5xx does; handed on all the same. Empty: any is an answer.
    Sense makes_sense;
};

/// Why there is no answer.
enum class OutboundFailure : std::uint8_t {
    none,
    bad_request,      ///< a method, header or URL that cannot be sent
    refused_address,  ///< link-local, a cloud's metadata, or no address of a server at all
    overloaded,       ///< as many wait for this server as may
    circuit_open,     ///< the server failed too often lately: it is not asked now
    unresolved,       ///< its name leads nowhere
    unreachable,      ///< nobody listens there, or not in time
    untrusted,        ///< no TLS with a certificate that counts
    timed_out,
    lost,             ///< the connection ended before the answer did
    malformed,        ///< not HTTP
    too_large,        ///< an answer over the limit
    stopped,          ///< the gateway ends
};

inline constexpr std::size_t outbound_failure_count = static_cast<std::size_t>(OutboundFailure::stopped) + 1;

/// `timed_out`, ...: for metrics labels and logs.
std::string_view to_string(OutboundFailure failure) noexcept;

struct OutboundAnswer {
    explicit OutboundAnswer(OutboundFailure why = OutboundFailure::none, std::string words = {}) : failure(why), detail(std::move(words)) {}

    OutboundFailure failure;
    HttpResponse response;  ///< where nothing failed, whatever its status. Redirections are not followed
    std::string detail;     ///< where it failed: for operators; holds no more of the URL than its origin
};

using OutboundDone = std::function<void(OutboundAnswer)>;

/// A request under way. Destroying it cancels it: `done` is not called any more. On the core that asked.
class OutboundCall {
public:
    virtual ~OutboundCall() = default;
    /// From here on it goes on without this: nobody can cancel it any more.
    virtual void let_go() noexcept = 0;
};

/// What the gateway asks of others over HTTP: identity providers, policy services, backends. Nothing here blocks.
/// Every server (scheme, host, port) has connections of its own, kept open between requests, a bounded queue and a circuit breaker.
class Outbound {
public:
    /// Reads the files; the main thread's. Throws SetupError.
    virtual OutboundTrustPtr trust(const OutboundTls& tls) = 0;

    /// Calls `done` exactly once on `home`, the core that asks, never before it returns, unless the call is destroyed first. From
    /// that core.
    virtual std::unique_ptr<OutboundCall> send(CoreId home, OutboundRequest request, OutboundDone done) = 0;

protected:
    ~Outbound() = default;
};

}  // namespace junctor
