#pragma once

#include <string>

#include "tests/bench/generator/wire.hpp"

namespace bench {

/// MQTT 3.1.1, clean session, QoS 0, no keep-alive.
class MqttWire final : public Wire {
public:
    explicit MqttWire(std::string client_id) : client_id_(std::move(client_id)) {}

    void append_hello(std::string& out) override;
    void append_subscribe(std::string_view filter, std::string& out) override;
    void append_publish(std::string_view topic, std::string_view payload, std::string& out) override;
    std::size_t consume(std::string_view input, std::string& out, WireEvents& events) override;

private:
    std::string client_id_;
};

}  // namespace bench
