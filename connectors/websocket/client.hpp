#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "connectors/websocket/codec.hpp"
#include "core/ports/client.hpp"

namespace junctor::websocket {

/// Text frames to and from a gateway, however they travel. Blocking; throws ClientError when the connection has ended.
class FrameWire {
public:
    virtual ~FrameWire() = default;
    virtual void send(std::string_view frame) = 0;
    /// The next frame; nullopt after `wait` without one.
    virtual std::optional<std::string> receive(Duration wait) = 0;
};

/// The JSON protocol for command lines and tests: every operation waits for its answer, messages that come meanwhile are kept.
class JsonClient final : public Client {
public:
    /// `client_id`: asks to be addressable as `$to/<client_id>`; empty: does not. `timeout`: for every acknowledgement.
    JsonClient(std::unique_ptr<FrameWire> wire, const ClientOptions& options);

    void publish(const ClientMessage& message) override;
    void subscribe(const std::string& filter, Qos qos) override;
    void unsubscribe(const std::string& filter) override;
    HistoryOutcome outcome() const override { return outcome_; }
    std::optional<ClientMessage> receive(Duration wait) override;
    ClientMessage request(const ClientMessage& message, Duration wait) override;
    void reply(const ClientMessage& to, ClientMessage answer) override;

private:
    struct Arrived {
        ClientMessage message;
        std::uint64_t sequence = 0;
    };

    ClientMessage transact(Operation operation, Duration wait);
    bool read_frame(Duration wait);
    void take(const Operation& operation);
    void send(const Operation& operation);

    std::unique_ptr<FrameWire> wire_;
    Duration timeout_;
    std::optional<HistoryStart> start_;
    HistoryOutcome outcome_;
    std::uint64_t last_id_ = 0;
    std::deque<Arrived> messages_;
    std::string awaited_;                   ///< the id whose answer is awaited
    std::optional<ClientMessage> answer_;   ///< that answer; empty for an acknowledgement
};

/// `ws://` and `wss://`; without a path: `/ws`.
std::unique_ptr<Client> make_client(const ClientOptions& options);

}  // namespace junctor::websocket
