#pragma once

#include <map>

#include "connectors/websocket/codec.hpp"
#include "tests/simulation/stream_client.hpp"

namespace junctor::simulation {

/// The JSON WebSocket protocol, by the connector's own codec.
class WebSocketClient final : public StreamClient {
public:
    using Factory = std::function<std::unique_ptr<StreamHandler>(Stream&)>;
    WebSocketClient(Surroundings around, std::string name, Factory factory);

    void connect(const std::string& session_name) override;

private:
    struct Pending {
        enum class What : std::uint8_t { hello, publish, request, subscribe, unsubscribe } what;
        std::size_t index;
    };

    bool knows(Kind) const override { return true; }
    void send_publication(std::size_t number) override;
    void send_subscribe(std::size_t subscription) override;
    void send_unsubscribe(std::size_t subscription) override;
    void send_reply(const std::string& reply_to, const std::string& correlation, const std::string& payload) override;
    std::size_t read(Bytes bytes) override;
    void forget() override { pending_.clear(); }

    void settle(const websocket::Operation& operation);
    void take_message(const websocket::Message& message);
    void write(websocket::Operation& operation, std::optional<Pending> pending, std::optional<std::size_t> number = {});

    Factory factory_;
    std::uint64_t last_id_ = 0;
    std::map<std::string, Pending, std::less<>> pending_;
};

}  // namespace junctor::simulation
