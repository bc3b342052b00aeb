#pragma once

#include <string>

#include "tests/bench/generator/wire.hpp"

namespace bench {

/// MQTT 3.1.1 without keep-alive. Acknowledges what it gets at once.
class MqttWire final : public Wire {
public:
    /// Of `options`: QoS, retain flag, and whether the session is a persistent one.
    MqttWire(const Options& options, std::string client_id)
        : client_id_(std::move(client_id)), qos_(options.qos), retain_(options.retain), persistent_(options.persistent) {}

    void append_hello(std::string& out) override;
    void append_subscribe(std::string_view filter, std::string& out) override;
    void append_publish(std::string_view topic, std::string_view payload, std::string& out) override;
    std::size_t consume(std::string_view input, std::string& out, WireEvents& events) override;

private:
    std::string client_id_;
    unsigned qos_;
    bool retain_;
    bool persistent_;
    std::uint16_t packet_id_ = 0;
};

}  // namespace bench
