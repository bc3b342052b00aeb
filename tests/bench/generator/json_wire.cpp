#include "tests/bench/generator/json_wire.hpp"

#include <stdexcept>

namespace bench {

// The session is open with the upgrade: the WebSocket layer says so.
void JsonWire::append_hello(std::string&) {}

void JsonWire::append_subscribe(std::string_view filter, std::string& out) {
    out.append(R"({"op":"subscribe","id":1,"filter":")").append(filter).append(R"("})");
}

void JsonWire::append_publish(std::string_view topic, std::string_view payload, std::string& out) {
    out.append(R"({"op":"publish","topic":")").append(topic).append(R"(","data":")").append(payload).append(R"("})");
}

std::size_t JsonWire::consume(std::string_view input, std::string&, WireEvents& events) {
    constexpr std::string_view op = R"("op":")";
    const std::size_t at = input.find(op);
    const std::string_view name = at == std::string_view::npos ? std::string_view() : input.substr(at + op.size());
    if (name.starts_with("message\"")) {
        events.on_message(input);
    } else if (name.starts_with("ack\"")) {
        events.on_subscribed();
    } else if (name.starts_with("error\"")) {
        throw std::runtime_error("the server answered " + std::string(input));
    }
    return input.size();
}

}  // namespace bench
