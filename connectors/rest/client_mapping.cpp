#include "connectors/rest/client_mapping.hpp"

#include "connectors/rest/message_headers.hpp"
#include "connectors/websocket/codec.hpp"
#include "core/base/duration_text.hpp"
#include "core/base/json_reader.hpp"

namespace junctor::rest {
namespace {

std::optional<std::string> decoded(const HttpRequest& fields, std::string_view name) {
    const std::string_view value = fields.header(name);
    return value.empty() ? std::nullopt : percent_decode(value);
}

websocket::DecodeLimits client_limits() {
    websocket::DecodeLimits limits;
    limits.headers = 100'000;
    limits.bytes = 512U << 20;
    return limits;
}

}  // namespace

std::string milliseconds_text(Duration duration) {
    return std::to_string(std::chrono::ceil<std::chrono::milliseconds>(duration).count()) + "ms";
}

std::string from_query(const HistoryStart& start) {
    if (start.from == HistoryStart::From::first) return "&from=first";
    return "&from=" + (start.from == HistoryStart::From::now ? std::string("now") : to_string(start.position));
}

HttpRequest request_of(const ClientMessage& message) {
    HttpRequest request;
    request.method = "POST";
    request.body = message.payload;
    write_extras(message.extras, request.headers);
    if (message.qos != Qos::at_most_once) request.headers.push_back({"Junctor-Qos", std::to_string(static_cast<int>(message.qos))});
    if (message.retain) request.headers.push_back({"Junctor-Retain", "1"});
    if (message.ttl) request.headers.push_back({"Junctor-Ttl", milliseconds_text(*message.ttl)});
    return request;
}

ClientMessage message_of_answer(const HttpResponse& response) {
    HttpRequest fields;
    fields.headers = response.headers;
    ClientMessage message;
    message.payload = response.body;
    message.extras.content_type = fields.header("Content-Type");
    if (auto type = decoded(fields, "Junctor-Content-Type")) message.extras.content_type = std::move(*type);
    if (auto reply_to = decoded(fields, "Junctor-Reply-To")) message.extras.reply_to = std::move(*reply_to);
    if (const auto correlation = decoded(fields, "Junctor-Correlation")) append(message.extras.correlation, std::string_view(*correlation));
    if (auto headers = read_message_headers(fields)) message.extras.headers = std::move(*headers);
    const std::string_view qos = fields.header("Junctor-Qos");
    if (qos == "1" || qos == "2") message.qos = static_cast<Qos>(qos.front() - '0');
    message.retain = fields.header("Junctor-Retain") == "1";
    message.ttl = parse_duration(fields.header("Junctor-Ttl"));
    return message;
}

std::optional<ClientMessage> message_of_event(std::string_view data) {
    websocket::OperationDecoder decoder(websocket::Sender::gateway, client_limits());
    websocket::Operation operation;
    if (decoder.decode(data, operation) || operation.op != websocket::Op::message) return std::nullopt;
    const websocket::Message& seen = operation.message;
    ClientMessage message;
    message.topic = seen.topic;
    append(message.payload, seen.data);
    message.qos = static_cast<Qos>(seen.qos);
    message.retain = seen.retain;
    message.ttl = seen.ttl;
    message.extras.content_type = seen.content_type;
    message.extras.reply_to = seen.reply_to;
    append(message.extras.correlation, seen.correlation);
    for (const websocket::HeaderView& header : seen.headers)
        message.extras.headers.push_back({std::string(header.name), std::string(header.value)});
    return message;
}

std::vector<ClientMessage> messages_in(Bytes array) {
    std::vector<ClientMessage> messages;
    const websocket::DecodeLimits limits = client_limits();
    const JsonDocument document = read_json(as_text(array), {.nesting = limits.nesting, .bytes = limits.bytes, .values = limits.bytes});
    if (document.error != JsonErrc::ok || document.root.type != JsonValue::Type::array) return messages;
    JsonCursor cursor(document.root);
    JsonValue element;
    while (cursor.next(element))
        if (auto message = message_of_event(element.text)) messages.push_back(std::move(*message));
    return messages;
}

}  // namespace junctor::rest
