#include "connectors/mqtt/client_mapping.hpp"

#include "connectors/mqtt/mapping.hpp"
#include "connectors/mqtt/property_writer.hpp"

namespace junctor::mqtt {

namespace {

constexpr std::string_view plain_scheme = "mqtt://";
constexpr std::string_view tls_scheme = "mqtts://";

std::uint32_t whole_seconds(Duration time) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(time).count();
    return seconds > UINT32_MAX ? UINT32_MAX : static_cast<std::uint32_t>(seconds < 0 ? 0 : seconds);
}

std::string code_text(ReasonCode reason) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto value = static_cast<std::uint8_t>(reason);
    return std::string("0x") + digits[value >> 4] + digits[value & 15];
}

}  // namespace

ByteBuffer to_properties(const ClientMessage& message) {
    const Extras& extras = message.extras;
    ByteBuffer block;
    PropertyWriter writer(block);
    if (extras.is_text) writer.number(PropertyId::payload_format_indicator, 1);
    if (message.ttl) writer.number(PropertyId::message_expiry_interval, whole_seconds(*message.ttl));
    if (!extras.content_type.empty()) writer.text(PropertyId::content_type, extras.content_type);
    if (!extras.reply_to.empty()) writer.text(PropertyId::response_topic, extras.reply_to);
    if (!extras.correlation.empty()) writer.data(PropertyId::correlation_data, extras.correlation);
    for (const Header& header : extras.headers) writer.user(header.name, header.value);
    return block;
}

ByteBuffer to_properties(const HistoryStart& start) {
    ByteBuffer block;
    const std::string from = start.from == HistoryStart::From::first ? "first" : "now";
    PropertyWriter(block).user(history_property, start.from == HistoryStart::From::after ? to_string(start.position) : from);
    return block;
}

HistoryOutcome to_outcome(const Properties& properties) {
    PropertyReader reader(properties.block());
    for (Property property; reader.next(property);) {
        if (property.id != PropertyId::user_property || property.text() != history_property) continue;
        const std::string_view value = as_text(property.value);
        const std::string_view word = value.substr(0, value.find(' '));
        for (const Resumption how : {Resumption::exact, Resumption::gap, Resumption::none})
            if (word == to_string(how))
                return {how, parse_history_position(value.substr(std::min(value.size(), word.size() + 1))).value_or(HistoryPosition())};
    }
    return {};
}

ClientMessage to_client_message(const Publish& publish) {
    ClientMessage message;
    message.topic = publish.topic;
    message.payload.assign(publish.payload.begin(), publish.payload.end());
    message.qos = static_cast<Qos>(publish.qos);
    message.retain = publish.retain;
    PropertyReader reader(publish.properties.block());
    for (Property property; reader.next(property);) {
        Extras& extras = message.extras;
        switch (property.id) {
            case PropertyId::payload_format_indicator: extras.is_text = property.number == 1; break;
            case PropertyId::message_expiry_interval: message.ttl = std::chrono::seconds(property.number); break;
            case PropertyId::content_type: extras.content_type = property.text(); break;
            case PropertyId::response_topic: extras.reply_to = property.text(); break;
            case PropertyId::correlation_data: extras.correlation.assign(property.data.begin(), property.data.end()); break;
            case PropertyId::user_property:
                if (property.text() == history_property) {
                    message.place = parse_history_position(as_text(property.value)).value_or(HistoryPosition());
                    break;
                }
                extras.headers.push_back({std::string(property.text()), std::string(as_text(property.value))});
                break;
            default: break;
        }
    }
    return message;
}

BlockingStream::Options to_stream_options(const ClientOptions& options) {
    BlockingStream::Options how;
    how.tls = options.url.starts_with(tls_scheme);
    if (!how.tls && !options.url.starts_with(plain_scheme)) throw ClientError("'" + options.url + "' is no mqtt:// or mqtts:// URL");
    const std::string rest = options.url.substr(how.tls ? tls_scheme.size() : plain_scheme.size());
    const std::string authority = rest.substr(0, rest.find('/'));
    const bool bracketed = authority.starts_with('[');
    const std::size_t host_end = bracketed ? authority.find(']') : authority.find(':');
    how.host = bracketed ? authority.substr(1, host_end - 1) : authority.substr(0, host_end);
    const std::size_t colon = authority.find(':', bracketed && host_end != std::string::npos ? host_end : 0);
    how.port = colon == std::string::npos ? (how.tls ? "8883" : "1883") : authority.substr(colon + 1);
    if (how.host.empty() || how.port.empty() || (bracketed && host_end == std::string::npos))
        throw ClientError("'" + options.url + "' names no host and port; write it like mqtt://127.0.0.1:1883");
    how.ca_file = options.ca_file;
    how.cert_file = options.cert_file;
    how.key_file = options.key_file;
    how.insecure = options.insecure;
    how.timeout = options.timeout;
    return how;
}

ClientError refusal(const std::string& what, ReasonCode reason, const Properties& properties) {
    std::string sentence = what + ": " + std::string(to_string(reason));
    const std::string_view text = properties.text(PropertyId::reason_string);
    if (!text.empty()) sentence += " (" + std::string(text) + ")";
    return ClientError(sentence, code_text(reason));
}

}  // namespace junctor::mqtt
