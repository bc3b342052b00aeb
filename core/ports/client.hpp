#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/model/envelope.hpp"
#include "core/model/history_page.hpp"

namespace junctor {

/// A message as the universal client sends and sees it: an envelope's fields by value.
struct ClientMessage {
    std::string topic;
    ByteBuffer payload;
    Qos qos = Qos::at_most_once;
    bool retain = false;
    std::optional<Duration> ttl;
    Extras extras;
    HistoryPosition place;  ///< in a history, where the client asked for one; offset 0: none

    ClientMessage() = default;
};

struct ClientOptions {
    std::string url;
    std::string user;
    std::string password;
    std::string token;            ///< instead of user and password
    std::string client_id;
    /// Above zero: `client_id` names a durable session that waits so long for its client. What it has kept comes first, and each
    /// message is acknowledged when `Client::receive` hands it out. Ends with the connection otherwise.
    Duration session_expiry = Duration::zero();
    /// Subscriptions begin there in the history, if one is kept.
    std::optional<HistoryStart> start = {};
    std::string ca_file;
    std::string cert_file;        ///< the client's own certificate chain, PEM
    std::string key_file;         ///< and its key
    bool insecure = false;        ///< accept any certificate
    std::string curve_key;         ///< CurveZMQ: the client's secret key, 40 characters of Z85; empty: one that nobody knows
    std::string curve_server_key;  ///< CurveZMQ: the server's public key; empty: not encrypted
    Duration timeout = std::chrono::seconds(10);  ///< for connecting and for every acknowledgement
};

/// What `junctor pub|sub|request` speaks for one URL scheme; also drives the connector conformance suite.
/// Blocking, one thread; errors are sentences for people in `ClientError`.
class Client {
public:
    virtual ~Client() = default;
    /// Waits for the acknowledgement where the protocol has one at this QoS.
    virtual void publish(const ClientMessage& message) = 0;
    virtual void subscribe(const std::string& filter, Qos qos) = 0;
    virtual void unsubscribe(const std::string& filter) = 0;
    /// How the latest subscription began, with a `ClientOptions::start`.
    virtual HistoryOutcome outcome() const { return {}; }
    /// The next message on any subscription; nullopt after `wait`.
    virtual std::optional<ClientMessage> receive(Duration wait) = 0;
    virtual ClientMessage request(const ClientMessage& message, Duration wait) = 0;
    /// Answers a message received with a reply address.
    virtual void reply(const ClientMessage& to, ClientMessage answer) = 0;
};

/// The server refused or the connection failed: `what()` is one sentence; `code` is the protocol's own code as text, if any.
class ClientError : public std::runtime_error {
public:
    explicit ClientError(const std::string& sentence, std::string protocol_code = {})
        : std::runtime_error(sentence), code(std::move(protocol_code)) {}
    std::string code;
};

using ClientFactory = std::function<std::unique_ptr<Client>(const ClientOptions&)>;

}  // namespace junctor
