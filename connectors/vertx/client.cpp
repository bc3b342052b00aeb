#include "connectors/vertx/client.hpp"

#include <algorithm>
#include <chrono>
#include <random>

#include "connectors/vertx/address_mapping.hpp"
#include "connectors/vertx/client_mapping.hpp"
#include "connectors/vertx/mapping.hpp"
#include "core/base/json.hpp"

namespace junctor::vertx {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t read_size = 64 << 10;
constexpr DecodeLimits answer_limits{.nesting = 64, .headers = 10'000, .bytes = 256U << 20};

std::string random_text() {
    std::random_device source;
    std::string text;
    for (int i = 0; i < 16; ++i) text += "0123456789abcdef"[source() & 15];
    return text;
}

Frame frame_of(Type type, std::string_view address) {
    Frame frame;
    frame.type = type;
    frame.address = address;
    return frame;
}

/// A body of members that are not empty.
ByteBuffer login_body(const ClientOptions& options) {
    ByteBuffer body;
    const auto member = [&](std::string_view name, std::string_view value) {
        append(body, std::string_view(body.empty() ? "{" : ","));
        append_json_string(body, name);
        append(body, std::string_view(":"));
        append_json_string(body, value);
    };
    if (!options.token.empty()) {
        member("token", options.token);
    } else {
        member("username", options.user);
        member("password", options.password);
    }
    append(body, std::string_view("}"));
    return body;
}

}  // namespace

BusClient::BusClient(std::unique_ptr<BlockingStream> stream, ClientOptions options)
    : stream_(std::move(stream)), options_(std::move(options)), decoder_(Sender::server, answer_limits), own_prefix_(random_text() + '.') {
    if (options_.session_expiry > Duration::zero() || options_.start) throw ClientError("Vert.x has no named sessions and no history; leave --session and --from out");
    if (!options_.user.empty() || !options_.token.empty()) log_in();
}

void BusClient::log_in() {
    const ByteBuffer body = login_body(options_);
    const std::string reply_address = own_prefix_ + "login";
    Frame frame = frame_of(Type::send, login_address);
    frame.reply_address = reply_address;
    frame.body = as_text(body);
    awaited_ = reply_address;
    send(frame);
    await_answer(reply_address, options_.timeout);
}

void BusClient::publish(const ClientMessage& message) {
    send(Type::publish, address_for(message.topic), message);
    confirm();
}

void BusClient::subscribe(const std::string& filter, Qos) {
    send(frame_of(Type::register_handler, address_for(filter)));
    confirm();
}

void BusClient::unsubscribe(const std::string& filter) {
    send(frame_of(Type::unregister_handler, address_for(filter)));
    confirm();
}

std::optional<ClientMessage> BusClient::receive(Duration wait) {
    const auto until = SteadyClock::now() + wait;
    while (messages_.empty())
        if (!step(std::max<Duration>(until - SteadyClock::now(), Duration::zero()))) return std::nullopt;
    ClientMessage message = std::move(messages_.front());
    messages_.pop_front();
    return message;
}

ClientMessage BusClient::request(const ClientMessage& message, Duration wait) {
    const std::string reply_address = own_prefix_ + std::to_string(++last_request_);
    awaited_ = reply_address;
    send(Type::send, address_for(message.topic), message, reply_address, wait);
    return await_answer(reply_address, wait + options_.timeout);  // the server says when time is up; that needs a moment to arrive
}

void BusClient::reply(const ClientMessage& to, ClientMessage answer) {
    if (to.extras.reply_to.empty()) throw ClientError("The message asks for no answer.");
    answer.extras.correlation = to.extras.correlation;
    answer.qos = Qos::at_most_once;
    answer.retain = false;
    send(Type::send, address_of_topic(to.extras.reply_to), answer);
    confirm();
}

void BusClient::send(const Frame& frame) {
    ByteBuffer bytes;
    append_framed(bytes, frame);
    stream_->send(bytes);
}

void BusClient::send(Type type, const std::string& address, const ClientMessage& message, const std::string& reply_address, Duration wait) {
    const SentMessage sent = to_frame(message);
    Frame frame = sent.on.frame;
    frame.type = type;
    frame.address = address;
    frame.reply_address = reply_address;
    if (!reply_address.empty()) frame.timeout_ms = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
    send(frame);
}

void BusClient::confirm() {
    const std::size_t before = pongs_;
    send(frame_of(Type::ping, {}));
    const auto until = SteadyClock::now() + options_.timeout;
    while (pongs_ == before)
        if (!step(std::max<Duration>(until - SteadyClock::now(), Duration::zero()))) throw ClientError("The server did not answer in time", "timed_out");
}

ClientMessage BusClient::await_answer(const std::string& reply_address, Duration wait) {
    const auto until = SteadyClock::now() + wait;
    answer_.reset();
    while (!answer_)
        if (!step(std::max<Duration>(until - SteadyClock::now(), Duration::zero())))
            throw ClientError(reply_address == own_prefix_ + "login" ? "The server did not answer the login in time" : "No answer in time", "timed_out");
    awaited_.clear();
    return *std::exchange(answer_, std::nullopt);
}

bool BusClient::step(Duration wait) {
    Frame frame;
    if (!read_frame(wait, frame)) return false;
    switch (frame.type) {
        case Type::message: take(frame); break;
        case Type::err: take_error(frame); break;
        case Type::pong: ++pongs_; break;
        default: throw ClientError("The server sent what only clients say");
    }
    return true;
}

/// The frame is valid until the next call.
bool BusClient::read_frame(Duration wait, Frame& frame) {
    unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(std::exchange(used_, 0)));
    for (;;) {
        const Split split = split_frame(unread_, answer_limits.bytes);
        if (split.status == Split::Status::too_large) throw ClientError("The server sent what is no frame of the event bus bridge");
        if (split.status == Split::Status::complete) {
            used_ = split.consumed;
            if (decoder_.decode(split.text, frame)) throw ClientError("The server sent a frame that is wrong");
            return true;
        }
        const std::size_t had = unread_.size();
        unread_.resize(had + read_size);
        const std::size_t count = stream_->receive({unread_.data() + had, read_size}, wait);
        unread_.resize(had + count);
        if (count == 0) return false;
    }
}

void BusClient::take(const Frame& frame) {
    ClientMessage message = from_frame(frame);
    if (frame.address.empty() || frame.address != awaited_) return messages_.push_back(std::move(message));
    answer_ = std::move(message);
}

/// One with another address belongs to a request that nobody waits for any more.
void BusClient::take_error(const Frame& frame) {
    if (!frame.address.empty() && frame.address != awaited_) return;
    awaited_.clear();
    const std::string code(frame.failure_type.empty() ? frame.message : frame.failure_type);
    throw ClientError(frame.message.empty() ? "The server refused: " + code : std::string(frame.message), code);
}

std::unique_ptr<Client> make_client(const ClientOptions& options) {
    return std::make_unique<BusClient>(connect_blocking(to_stream_options(options)), options);
}

}  // namespace junctor::vertx
