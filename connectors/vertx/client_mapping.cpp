#include "connectors/vertx/client_mapping.hpp"

#include <algorithm>

#include "connectors/vertx/address_mapping.hpp"
#include "core/base/utf8.hpp"

namespace junctor::vertx {
namespace {

constexpr std::string_view plain_scheme = "vertx://";
constexpr std::string_view tls_scheme = "vertxs://";
constexpr std::string_view usual_port = "7000";

void check_headers(const std::vector<Header>& headers) {
    for (auto each = headers.begin(); each != headers.end(); ++each) {
        if (!valid_utf8(each->name) || !valid_utf8(each->value)) throw ClientError("A header of Vert.x is UTF-8: '" + each->name + "' is not");
        if (std::any_of(headers.begin(), each, [&](const Header& before) { return before.name == each->name; }))
            throw ClientError("Vert.x carries one header of each name; '" + each->name + "' stands twice");
    }
}

}  // namespace

BlockingStream::Options to_stream_options(const ClientOptions& options) {
    BlockingStream::Options how;
    how.tls = options.url.starts_with(tls_scheme);
    if (!how.tls && !options.url.starts_with(plain_scheme)) throw ClientError("'" + options.url + "' is no vertx:// or vertxs:// URL");
    const std::string rest = options.url.substr(how.tls ? tls_scheme.size() : plain_scheme.size());
    const std::size_t bracket = rest.starts_with('[') ? rest.find(']') : 0;
    const std::size_t colon = bracket == std::string::npos ? bracket : rest.find(':', bracket);
    how.host = bracket == 0 ? rest.substr(0, colon) : rest.substr(1, bracket == std::string::npos ? bracket : bracket - 1);
    how.port = colon == std::string::npos ? std::string(usual_port) : rest.substr(colon + 1);
    if (how.host.empty() || how.port.empty() || bracket == std::string::npos || rest.find('/') != std::string::npos)
        throw ClientError("'" + options.url + "' names no host and port; write it like vertx://127.0.0.1:7000");
    how.ca_file = options.ca_file;
    how.cert_file = options.cert_file;
    how.key_file = options.key_file;
    how.insecure = options.insecure;
    how.timeout = options.timeout;
    return how;
}

std::string address_for(const std::string& topic) {
    if (!Topic::parse({}, topic)) throw ClientError("'" + topic + "' is no topic, and Vert.x has no wildcards: its addresses are registered one by one");
    return address_of_topic(topic);
}

SentMessage to_frame(const ClientMessage& message) {
    if (message.qos != Qos::at_most_once) throw ClientError("Vert.x acknowledges nothing: only QoS 0");
    if (message.retain) throw ClientError("Vert.x retains nothing");
    check_headers(message.extras.headers);
    Draft draft;
    draft.payload = message.payload;
    draft.ttl = message.ttl;
    draft.extras = std::make_unique<Extras>(message.extras);
    EnvelopePtr envelope = Envelope::make(std::move(draft), {});
    std::optional<OnBus> on = to_bus(*envelope, TimePoint{}, {});
    if (!on) throw ClientError("The message has crossed too many gateways");
    return {std::move(envelope), std::move(*on)};
}

ClientMessage from_frame(const Frame& frame) {
    ArrivedMessage arrived;
    if (!from_bus(frame, {}, arrived)) throw ClientError("The server sent a body that is not what its headers say");
    ClientMessage message;
    message.topic = topic_of_address(frame.address);
    message.payload = std::move(arrived.payload);
    message.ttl = arrived.draft.ttl;
    if (arrived.draft.extras) message.extras = std::move(*arrived.draft.extras);
    if (!frame.reply_address.empty()) message.extras.reply_to = topic_of_address(frame.reply_address);
    return message;
}

}  // namespace junctor::vertx
