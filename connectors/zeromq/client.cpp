#include "connectors/zeromq/client.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <utility>
#include <vector>
#include <zmq.hpp>

#include "connectors/zeromq/codec.hpp"
#include "connectors/zeromq/codec_fields.hpp"

namespace junctor::zeromq {
namespace {

constexpr std::string_view scheme = "zmq://";

/// libzmq takes 99999 and tries for ever.
void require_port(const std::string& authority) {
    const std::string port = authority.substr(authority.rfind(':') + 1);
    std::uint16_t number = 0;
    const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc() || rest != port.data() + port.size() || number == 0)
        throw ClientError("cannot connect to " + authority + ": a port is a number from 1 to 65535");
}

std::string endpoint_of(const std::string& url) {
    if (!url.starts_with(scheme)) throw ClientError("not a zmq:// URL: " + url);
    std::string authority = url.substr(scheme.size());
    authority = authority.substr(0, authority.find('/'));
    if (authority.empty()) authority = "127.0.0.1";
    const std::size_t colon = authority.rfind(':');
    if (colon == std::string::npos || authority.find(']', colon) != std::string::npos) authority += ":5557";
    require_port(authority);
    return "tcp://" + authority;
}

Fields fields_from(const ClientMessage& message) {
    Fields fields;
    fields.content_type = message.extras.content_type;
    for (const Header& header : message.extras.headers) fields.headers.emplace_back(header.name, header.value);
    fields.reply_to = message.extras.reply_to;
    fields.correlation = message.extras.correlation;
    if (message.qos != Qos::at_most_once) fields.qos = static_cast<std::uint8_t>(message.qos);
    fields.retain = message.retain;
    fields.ttl = message.ttl;
    return fields;
}

std::string frame_of(const Fields& fields) {
    std::string members;
    append_members(members, fields);
    return fields_frame(members);
}

ClientMessage message_from(const AnswerFrames& answer, Fields&& fields) {
    ClientMessage message;
    message.topic = answer.topic;
    message.payload.assign(answer.body.begin(), answer.body.end());
    message.qos = static_cast<Qos>(fields.qos.value_or(0));
    message.retain = fields.retain;
    message.ttl = fields.ttl;
    message.place = {fields.epoch.value_or(0), fields.offset.value_or(0)};
    message.extras.content_type = std::move(fields.content_type);
    for (auto& [name, value] : fields.headers) message.extras.headers.push_back({std::move(name), std::move(value)});
    message.extras.reply_to = std::move(fields.reply_to);
    message.extras.correlation = std::move(fields.correlation);
    return message;
}

class DealerClient final : public Client {
public:
    explicit DealerClient(const ClientOptions& options) : timeout_(options.timeout), start_(options.start), endpoint_(endpoint_of(options.url)) {
        try {
            socket_.set(zmq::sockopt::linger, static_cast<int>(std::chrono::milliseconds(1000).count()));
            socket_.set(zmq::sockopt::sndhwm, 0);
            socket_.set(zmq::sockopt::rcvhwm, 0);
            socket_.set(zmq::sockopt::ipv6, true);
            if (!options.client_id.empty()) socket_.set(zmq::sockopt::routing_id, options.client_id);
            show_credentials(options);
            socket_.connect(endpoint_);
        } catch (const zmq::error_t& error) {
            throw ClientError("cannot connect to " + endpoint_ + ": " + error.what());
        }
        if (options.session_expiry > Duration::zero()) open_session(options);
        else call(Op::ping, {}, {}, {});
    }

    void publish(const ClientMessage& message) override { call(Op::publish, message.topic, message.payload, frame_of(fields_from(message))); }

    void subscribe(const std::string& filter, Qos qos) override {
        Fields fields;
        fields.qos = static_cast<std::uint8_t>(qos);
        if (start_ && start_->from == HistoryStart::From::after) {
            fields.epoch = start_->position.epoch;
            fields.offset = start_->position.offset;
        } else if (start_) {
            fields.from = start_->from == HistoryStart::From::first ? "first" : "now";
        }
        call(Op::subscribe, filter, {}, frame_of(fields));
    }

    HistoryOutcome outcome() const override { return outcome_; }

    void unsubscribe(const std::string& filter) override { call(Op::unsubscribe, filter, {}, {}); }

    std::optional<ClientMessage> receive(Duration wait) override {
        const auto until = std::chrono::steady_clock::now() + wait;
        while (messages_.empty())
            if (!read_one(until)) return std::nullopt;
        Arrived arrived = std::move(messages_.front());
        messages_.pop_front();
        const std::string sequence = std::to_string(arrived.sequence);
        if (arrived.sequence != 0) send({as_bytes(to_string(Op::ack)), {}, as_bytes(sequence), {}, {}});
        return std::move(arrived.message);
    }

    ClientMessage request(const ClientMessage& message, Duration wait) override {
        Fields fields = fields_from(message);
        fields.timeout = wait;
        return call(Op::request, message.topic, message.payload, frame_of(fields), wait + timeout_);
    }

    void reply(const ClientMessage& to, ClientMessage answer) override {
        answer.extras.correlation = to.extras.correlation;
        call(Op::reply, to.extras.reply_to, answer.payload, frame_of(fields_from(answer)));
    }

private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    struct Arrived {
        ClientMessage message;
        std::uint64_t sequence = 0;
    };

    /// CURVE where the server's key is known, else PLAIN for a user: libzmq has one mechanism per socket.
    void show_credentials(const ClientOptions& options) {
        if (!options.token.empty()) throw ClientError("ZeroMQ carries no tokens; show a user with a password, or a CURVE key");
        if (!options.curve_server_key.empty()) return encrypt(options);
        if (options.user.empty()) return;
        socket_.set(zmq::sockopt::plain_username, options.user);
        socket_.set(zmq::sockopt::plain_password, options.password);
    }

    void encrypt(const ClientOptions& options) {
        if (!options.user.empty()) throw ClientError("with CURVE the key says who the client is; leave out the user");
        std::array<char, 41> public_key{};
        std::array<char, 41> secret_key{};
        if (options.curve_key.empty()) {
            zmq_curve_keypair(public_key.data(), secret_key.data());
        } else if (options.curve_key.size() != 40 || zmq_curve_public(public_key.data(), options.curve_key.c_str()) != 0) {
            throw ClientError("the CURVE key is not 40 characters of Z85; 'junctor curve' makes one");
        }
        if (options.curve_server_key.size() != 40) throw ClientError("the server's CURVE key is not 40 characters of Z85");
        socket_.set(zmq::sockopt::curve_serverkey, options.curve_server_key);
        socket_.set(zmq::sockopt::curve_publickey, std::string(public_key.data()));
        socket_.set(zmq::sockopt::curve_secretkey, options.curve_key.empty() ? std::string(secret_key.data()) : options.curve_key);
    }

    void open_session(const ClientOptions& options) {
        Fields fields;
        fields.expiry = options.session_expiry;
        call(Op::session, options.client_id, {}, frame_of(fields));
    }

    ClientMessage call(Op op, std::string_view topic, Bytes body, const std::string& headers) { return call(op, topic, body, headers, timeout_); }

    /// Sends an operation and waits for its end; messages that come meanwhile are kept.
    ClientMessage call(Op op, std::string_view topic, Bytes body, const std::string& headers, Duration wait) {
        awaited_ = std::to_string(++last_id_);
        send({as_bytes(to_string(op)), as_bytes(awaited_), as_bytes(topic), body, as_bytes(headers)});
        const auto until = std::chrono::steady_clock::now() + wait;
        while (!awaited_.empty())
            if (!read_one(until)) throw ClientError("no answer from " + endpoint_ + " in time; a gateway's request door must be there, 5557 by default");
        return std::move(answered_);
    }

    void send(const std::array<Bytes, 5>& frames) {
        for (std::size_t at = 0; at < frames.size(); ++at)
            socket_.send(zmq::const_buffer(frames[at].data(), frames[at].size()), at + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
    }

    bool read_one(SteadyTime until) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        socket_.set(zmq::sockopt::rcvtimeo, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
        std::vector<zmq::message_t> parts;
        do {
            zmq::message_t part;
            if (!socket_.recv(part)) return false;
            parts.push_back(std::move(part));
        } while (parts.back().more());
        std::vector<Bytes> frames;
        for (const zmq::message_t& part : parts) frames.emplace_back(static_cast<const std::uint8_t*>(part.data()), part.size());
        take(frames);
        return true;
    }

    void take(const std::vector<Bytes>& frames) {
        const auto [answer, fault] = decode_answer(frames);
        if (!fault.empty()) throw ClientError(endpoint_ + " answers something else than junctor does");
        const bool mine = as_text(answer.id) == awaited_;
        if (answer.answer == Answer::error && (mine || answer.id.empty())) fail(answer);
        Fields fields;
        decode_fields(answer.headers, FieldsLimits{.bytes = answer.headers.size(), .headers = 65'535}, fields);
        const std::uint64_t sequence = fields.sequence;
        for (const Resumption how : {Resumption::exact, Resumption::gap, Resumption::none})
            if (mine && fields.resume == to_string(how)) outcome_ = {how, {fields.epoch.value_or(0), fields.offset.value_or(0)}};
        ClientMessage message = message_from(answer, std::move(fields));
        if (answer.answer == Answer::message || answer.answer == Answer::request) {
            messages_.push_back({std::move(message), sequence});
        } else if (mine) {
            answered_ = std::move(message);
            awaited_.clear();
        }
    }

    [[noreturn]] void fail(const AnswerFrames& answer) {
        awaited_.clear();
        const std::string code(as_text(answer.body));
        const std::string reason = error_reason(answer.headers);
        throw ClientError(reason.empty() ? code : reason, code);
    }

    Duration timeout_;
    std::optional<HistoryStart> start_;
    HistoryOutcome outcome_;
    std::string endpoint_;
    zmq::context_t context_{1};
    zmq::socket_t socket_{context_, zmq::socket_type::dealer};
    std::uint64_t last_id_ = 0;
    std::string awaited_;  ///< the id of the operation under way; empty: none
    ClientMessage answered_;
    std::deque<Arrived> messages_;
};

}  // namespace

std::unique_ptr<Client> make_client(const ClientOptions& options) { return std::make_unique<DealerClient>(options); }

}  // namespace junctor::zeromq
