#include "tests/simulation/websocket_client.hpp"

namespace junctor::simulation {

using websocket::Op;
using websocket::Operation;

WebSocketClient::WebSocketClient(Surroundings around, std::string name, Factory factory)
    : StreamClient(around, std::move(name)), factory_(std::move(factory)) {}

void WebSocketClient::connect(const std::string& session_name) {
    begin_life("websocket", session_name);
    attach(factory_, true);
    Operation hello;
    hello.op = session_name.empty() ? Op::ping : Op::hello;
    hello.name = session_name;
    write(hello, session_name.empty() ? std::nullopt : std::optional(Pending{Pending::What::hello, 0}));
    if (session_name.empty()) opened();
}

void WebSocketClient::write(Operation& operation, std::optional<Pending> pending, std::optional<std::size_t> number) {
    const std::string id = std::to_string(++last_id_);
    if (pending) {
        operation.id = id;
        pending_.emplace(id, *pending);
    }
    ByteBuffer frame;
    websocket::append_operation(frame, operation);
    put(std::move(frame), number);
}

void WebSocketClient::send_publication(std::size_t number) {
    const Publication& made = publication(number);
    const std::string payload = std::to_string(number);
    Operation operation;
    operation.op = made.kind == Kind::request ? Op::request : made.kind == Kind::send ? Op::send : Op::publish;
    operation.message.topic = made.topic;
    operation.message.data = as_bytes(payload);
    operation.message.content_type = made.content_type;
    operation.message.qos = static_cast<std::uint8_t>(made.qos);
    operation.message.retain = made.retain;
    if (made.kind == Kind::request) operation.timeout = std::chrono::seconds(5);
    write(operation, Pending{made.kind == Kind::request ? Pending::What::request : Pending::What::publish, number}, number);
}

void WebSocketClient::send_subscribe(std::size_t index) {
    Operation operation;
    operation.op = Op::subscribe;
    operation.filter = subscription(index).filter;
    operation.message.qos = static_cast<std::uint8_t>(subscription(index).qos);
    write(operation, Pending{Pending::What::subscribe, index});
}

void WebSocketClient::send_unsubscribe(std::size_t index) {
    Operation operation;
    operation.op = Op::unsubscribe;
    operation.filter = subscription(index).filter;
    write(operation, Pending{Pending::What::unsubscribe, index});
}

void WebSocketClient::send_reply(const std::string& reply_to, const std::string& correlation, const std::string& payload) {
    Operation operation;
    operation.op = Op::reply;
    operation.message.topic = reply_to;
    operation.message.correlation = as_bytes(correlation);
    operation.message.data = as_bytes(payload);
    write(operation, {});
}

std::size_t WebSocketClient::read(Bytes bytes) {
    websocket::OperationDecoder decoder(websocket::Sender::gateway, {});
    Operation operation;
    if (decoder.decode(as_text(bytes), operation)) throw std::logic_error("the gateway sent a frame that is none: " + std::string(as_text(bytes)));
    if (operation.op == Op::message) take_message(operation.message);
    else if (!operation.id.empty()) settle(operation);
    return bytes.size();
}

void WebSocketClient::settle(const Operation& operation) {
    const auto found = pending_.find(operation.id);
    if (found == pending_.end()) throw std::logic_error("the gateway answered what nobody asked");
    const Pending pending = found->second;
    pending_.erase(found);
    const bool well = operation.op != Op::error;
    switch (pending.what) {
        case Pending::What::hello: return well ? opened() : static_cast<void>(0);
        case Pending::What::publish: return taken(pending.index, well);
        case Pending::What::request: return outcome(pending.index, well ? std::string(as_text(operation.message.data)) : "error");
        case Pending::What::subscribe: return granted(pending.index, well);
        case Pending::What::unsubscribe: return left(pending.index);
    }
}

void WebSocketClient::take_message(const websocket::Message& message) {
    Arrival arrival;
    arrival.life = life();
    arrival.payload = as_text(message.data);
    arrival.topic = message.topic;
    arrival.content_type = message.content_type;
    arrival.qos = static_cast<Qos>(message.qos);
    arrival.retain = message.retain;
    arrived(std::move(arrival), std::string(message.reply_to), std::string(as_text(message.correlation)));
}

}  // namespace junctor::simulation
