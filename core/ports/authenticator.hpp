#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/model/principal.hpp"

namespace junctor {

/// What a client showed of itself, in whatever idiom. Secrets: never logged, wiped by the owner.
struct Credentials {
    CoreId core;                       ///< where the answer is awaited; set by the gate
    std::string connector;             ///< the configured connector it came in by: its name; `admin` for the admin API
    std::string peer;                  ///< numeric address and port
    bool loopback = false;             ///< the peer is on this machine
    std::string client_id;             ///< the session name it asks for, if any
    std::string user;
    bool has_password = false;
    std::string password;
    std::string bearer;                ///< a token, without its scheme
    std::string method;                ///< extended authentication: SASL mechanism
    ByteBuffer data;                   ///< and its first data
    std::string public_key;            ///< CurveZMQ: the client's, proven to be its own; 40 characters of Z85; empty without
    std::string certificate_subject;   ///< verified by TLS; empty without
    std::vector<std::string> certificate_names;  ///< subject alternative names: `DNS:...`, `URI:...`, `email:...`
    std::optional<WallTime> certificate_expires; ///< until when it is valid
};

/// One step of a conversation that ends in a principal or a refusal.
struct AuthenticationStep {
    enum class Outcome : std::uint8_t { abstain, allow, challenge, deny };

    explicit AuthenticationStep(Outcome what = Outcome::abstain) : outcome(what) {}

    Outcome outcome;
    PrincipalRef principal;  ///< allow
    ByteBuffer challenge;    ///< challenge, and possibly allow: data for the client
    std::string reason;      ///< deny: constant text, reveals nothing about users
    bool unjudged = false;   ///< deny: no authenticator had anything to say to what was shown (an unknown method, say)
};

using AuthenticationDone = std::function<void(AuthenticationStep)>;

/// A conversation under way. Destroying it cancels it: `done` is not called any more.
class Authentication {
public:
    virtual ~Authentication() = default;
    /// The client's answer to a challenge; `done` is called once for it.
    virtual void next(Bytes data) = 0;
};

/// Finds out who somebody is; one of an ordered chain per connector. Called on any core, possibly on several at once.
/// Must not block: what takes time continues elsewhere and calls `done` on the core that asked. Abstains where it does not know
/// `Credentials::method`: who allows has looked at it. Destroyed on any thread.
class Authenticator {
public:
    virtual ~Authenticator() = default;
    virtual std::string_view name() const noexcept = 0;

    /// Its policy is in force from here on: the place to begin what goes on by itself. Once, on the main thread, before it is asked.
    virtual void start() {}

    virtual std::unique_ptr<Authentication> begin(const Credentials& credentials, AuthenticationDone done) = 0;

    /// Whether one whom an authenticator of this name let in (`Principal::vouched_by`) would not be let in as such any more, by what is
    /// known here. Asked of open sessions after a change; they are closed.
    virtual bool disowns(const Principal&) const noexcept { return false; }
};

}  // namespace junctor
