#include "connectors/websocket/client.hpp"

#include <chrono>

#include "core/base/json.hpp"

namespace junctor::websocket {
namespace {

Message shown(const ClientMessage& message) {
    Message fields;
    fields.topic = message.topic;
    fields.data = message.payload;
    fields.content_type = message.extras.content_type;
    for (const Header& header : message.extras.headers) fields.headers.push_back({header.name, header.value});
    fields.reply_to = message.extras.reply_to;
    fields.correlation = message.extras.correlation;
    fields.ttl = message.ttl;
    fields.qos = static_cast<std::uint8_t>(message.qos);
    fields.retain = message.retain;
    return fields;
}

ClientMessage kept(const Message& fields) {
    ClientMessage message;
    message.topic = fields.topic;
    message.payload.assign(fields.data.begin(), fields.data.end());
    message.qos = static_cast<Qos>(fields.qos);
    message.retain = fields.retain;
    message.ttl = fields.ttl;
    message.extras.content_type = fields.content_type;
    for (const HeaderView& header : fields.headers) message.extras.headers.push_back({std::string(header.name), std::string(header.value)});
    message.extras.reply_to = fields.reply_to;
    message.extras.correlation.assign(fields.correlation.begin(), fields.correlation.end());
    message.place = fields.place;
    return message;
}

Operation operation_of(Op op) {
    Operation operation;
    operation.op = op;
    return operation;
}

using Steady = std::chrono::steady_clock;

}  // namespace

JsonClient::JsonClient(std::unique_ptr<FrameWire> wire, const ClientOptions& options) : wire_(std::move(wire)), timeout_(options.timeout), start_(options.start) {
    if (options.client_id.empty()) return;
    const bool durable = options.session_expiry > Duration::zero();
    Operation naming = operation_of(durable ? Op::session : Op::hello);
    naming.name = options.client_id;
    if (durable) naming.expiry = options.session_expiry;
    transact(naming, timeout_);
}

void JsonClient::send(const Operation& operation) {
    ByteBuffer frame;
    append_operation(frame, operation);
    wire_->send(as_text(frame));
}

/// Sends, and waits for the acknowledgement or answer of that id.
ClientMessage JsonClient::transact(Operation operation, Duration wait) {
    awaited_ = std::to_string(++last_id_);
    answer_.reset();
    operation.id = awaited_;
    send(operation);
    const auto until = Steady::now() + wait;
    while (!answer_)
        if (!read_frame(until - Steady::now())) throw ClientError("The gateway did not answer in time.", "timed_out");
    return std::move(*answer_);
}

bool JsonClient::read_frame(Duration wait) {
    const std::optional<std::string> frame = wire_->receive(std::max(wait, Duration::zero()));
    if (!frame) return false;
    OperationDecoder decoder(Sender::gateway, {.nesting = 64, .headers = 10'000, .bytes = frame->size()});
    Operation operation;
    if (const std::optional<Fault> fault = decoder.decode(*frame, operation)) throw ClientError("The gateway sent a frame that is wrong: " + fault->reason);
    take(operation);
    return true;
}

void JsonClient::take(const Operation& operation) {
    if (operation.op == Op::message) {
        messages_.push_back({kept(operation.message), operation.message.sequence});
    } else if (operation.op == Op::error && (operation.id.empty() || operation.id == awaited_)) {
        awaited_.clear();
        throw ClientError(std::string(operation.reason), std::string(operation.code));
    } else if (!operation.id.empty() && operation.id == awaited_) {
        answer_ = kept(operation.message);
        for (const Resumption how : {Resumption::exact, Resumption::gap, Resumption::none})
            if (operation.resume == to_string(how)) outcome_ = {how, operation.position.value_or(HistoryPosition())};
    }
}

void JsonClient::publish(const ClientMessage& message) {
    Operation operation = operation_of(Op::publish);
    operation.message = shown(message);
    transact(operation, timeout_);
}

void JsonClient::subscribe(const std::string& filter, Qos qos) {
    Operation operation = operation_of(Op::subscribe);
    operation.filter = filter;
    operation.message.qos = static_cast<std::uint8_t>(qos);
    if (start_ && start_->from == HistoryStart::From::after) operation.position = start_->position;
    if (start_ && start_->from != HistoryStart::From::after) operation.from = start_->from == HistoryStart::From::first ? "first" : "now";
    transact(operation, timeout_);
}

void JsonClient::unsubscribe(const std::string& filter) {
    Operation operation = operation_of(Op::unsubscribe);
    operation.filter = filter;
    transact(operation, timeout_);
}

std::optional<ClientMessage> JsonClient::receive(Duration wait) {
    const auto until = Steady::now() + wait;
    while (messages_.empty())
        if (!read_frame(until - Steady::now())) return std::nullopt;
    Arrived arrived = std::move(messages_.front());
    messages_.pop_front();
    if (arrived.sequence != 0) {
        Operation ack = operation_of(Op::ack);
        ack.message.sequence = arrived.sequence;
        send(ack);
    }
    return std::move(arrived.message);
}

ClientMessage JsonClient::request(const ClientMessage& message, Duration wait) {
    Operation operation = operation_of(Op::request);
    operation.message = shown(message);
    operation.timeout = wait;
    // The gateway says when time is up; what it says needs a moment to arrive.
    return transact(operation, wait + timeout_);
}

void JsonClient::reply(const ClientMessage& to, ClientMessage answer) {
    if (to.extras.reply_to.empty()) throw ClientError("The message asks for no answer.");
    answer.extras.reply_to = to.extras.reply_to;
    answer.extras.correlation = to.extras.correlation;
    answer.topic.clear();
    answer.retain = false;
    Operation operation = operation_of(Op::reply);
    operation.message = shown(answer);
    transact(operation, timeout_);
}

}  // namespace junctor::websocket
