#include "tests/bench/generator/wire.hpp"

#include "tests/bench/generator/json_wire.hpp"
#include "tests/bench/generator/mqtt_wire.hpp"
#include "tests/bench/generator/tls_wire.hpp"
#include "tests/bench/generator/websocket_wire.hpp"

namespace bench {

std::unique_ptr<Wire> make_wire(const Options& options, const std::string& name) {
    switch (options.protocol) {
        case Protocol::mqtt: return std::make_unique<MqttWire>(options, name);
        case Protocol::mqtt_over_tls: return std::make_unique<TlsWire>(std::make_unique<MqttWire>(options, name));
        case Protocol::mqtt_over_websocket:
            return std::make_unique<WebSocketWire>(std::make_unique<MqttWire>(options, name), WebSocketWire::Payload::binary, options);
        case Protocol::json_over_websocket: break;
    }
    return std::make_unique<WebSocketWire>(std::make_unique<JsonWire>(), WebSocketWire::Payload::text, options);
}

}  // namespace bench
