#pragma once

#include "tests/bench/generator/wire.hpp"

namespace bench {

/// junctor's JSON protocol: one object per WebSocket text frame. Each call of `consume` is given exactly one frame.
class JsonWire final : public Wire {
public:
    void append_hello(std::string& out) override;
    void append_subscribe(std::string_view filter, std::string& out) override;
    void append_publish(std::string_view topic, std::string_view payload, std::string& out) override;
    std::size_t consume(std::string_view input, std::string& out, WireEvents& events) override;
};

}  // namespace bench
