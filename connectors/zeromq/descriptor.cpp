#include "connectors/zeromq/client.hpp"
#include "connectors/zeromq/listener.hpp"
#include "core/ports/descriptor.hpp"

namespace junctor::zeromq {
namespace {

using config::Field;
using config::Type;

config::Schema fields() {
    return {
        Field{.name = "publish", .type = Type::address, .doc = "Where PUB sockets connect to publish.", .fallback = {}},
        Field{.name = "subscribe", .type = Type::address, .doc = "Where SUB sockets connect to receive.", .fallback = {}},
        Field{.name = "request", .type = Type::address, .doc = "Where DEALER and REQ sockets connect; answers everything.", .fallback = {}},
        Field{.name = "mechanism", .type = Type::choice,
              .doc = "How sockets show who they are: not at all, a user with a password, or a key, which also encrypts.", .fallback = "none",
              .choices = {"none", "plain", "curve"}},
        Field{.name = "secret_key", .type = Type::secret, .doc = "With mechanism: curve: the server's secret key, 40 characters of Z85.",
              .example = "{file: zeromq.key}"},
        Field{.name = "high_water_mark", .type = Type::integer, .doc = "Messages that libzmq keeps for one peer.", .fallback = "1000",
              .min = 1, .max = 1'000'000},
        Field{.name = "heartbeat", .type = Type::duration, .doc = "A peer that is silent for twice as long is disconnected.", .fallback = "15s"},
        Field{.name = "retained", .type = Type::boolean,
              .doc = "SUB sockets get retained values when they subscribe; those that have them already get them again, marked.", .fallback = "true"},
        Field{.name = "idle_timeout", .type = Type::duration,
              .doc = "A DEALER or REQ without subscriptions that is silent for so long is forgotten.", .fallback = "5m"},
    };
}

}  // namespace

Descriptor descriptor() {
    Descriptor offer;
    offer.name = "zeromq";
    offer.summary = "ZeroMQ sockets: PUB and SUB with prefixes, DEALER and REQ with acknowledgements and requests";
    offer.fields = fields();
    offer.takes_tls = false;
    offer.descriptors_per_address = 8;  // libzmq: 6 for its threads and ZAP, 4 for each socket
    offer.defaults = {"{publish: \"127.0.0.1:5556\", subscribe: \"127.0.0.1:5555\", request: \"127.0.0.1:5557\"}"};
    offer.make_listener = [](const std::string& name, const config::Section& section, const Limits& limits) -> std::shared_ptr<Listener> {
        return std::make_shared<ZeromqListener>(listener_settings(name, section, limits));
    };
    offer.clients["zmq"] = make_client;
    return offer;
}

}  // namespace junctor::zeromq
