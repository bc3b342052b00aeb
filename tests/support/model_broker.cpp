#include "tests/support/model_broker.hpp"

#include <algorithm>

#include "core/model/hop_path.hpp"

namespace junctor::test {

struct ModelBroker::Message {
    std::string topic;
    ByteBuffer payload;
    Qos qos = Qos::at_most_once;
    bool retain = false;
    std::optional<Duration> ttl;
    Extras extras;
    SessionId origin;     ///< means something to its gateway
    std::string gateway;  ///< which published it
    std::string group;    ///< canonical: it is passed on to that one; else empty
    std::uint8_t passes = 0;
};

/// A gateway's end of its connection, with both ways of it, and what the broker keeps for it.
class ModelBroker::Side final : public Backend {
public:
    Side(ModelBroker& broker, std::string gateway) : broker_(broker), gateway_(std::move(gateway)) {}
    ~Side() override { broker_.sides_.erase(gateway_); }

    BackendTraits traits() const noexcept override { return broker_.traits_; }
    void start(BackendSink& sink, const BackendPlace& place) override {
        sink_ = &sink;
        post_ = place.post;
        join();
    }
    void stop() noexcept override {
        connected_ = false;
        out_.clear();
        in_.clear();
    }
    void publish(const EnvelopePtr& envelope, BackendTicket ticket) noexcept override {
        const std::shared_ptr<Message> message = message_of(*envelope);
        message->retain = envelope->retain();
        message->extras.hops = with_hop(message->extras.hops, gateway_).value_or(std::string());
        unreceived_.emplace(ticket.token.value, message);
        send(message, ticket.token.value);
    }
    bool pass_on(const TopicFilter& group, const EnvelopePtr& envelope, BackendTicket ticket) noexcept override {
        const std::shared_ptr<Message> message = message_of(*envelope);
        if (message->extras.hops.empty()) message->extras.hops = gateway_;
        message->group = group.canonical();
        message->passes = static_cast<std::uint8_t>(envelope->passes() + 1);
        unreceived_.emplace(ticket.token.value, message);
        send(message, ticket.token.value);
        return true;
    }
    std::shared_ptr<Message> message_of(const Envelope& envelope) const {
        auto message = std::make_shared<Message>();
        message->topic = envelope.topic_text();
        message->payload.assign(envelope.payload().begin(), envelope.payload().end());
        message->qos = envelope.qos();
        if (envelope.expires()) message->ttl = envelope.expires_at() - envelope.published_at();
        if (envelope.extras()) message->extras = *envelope.extras();
        message->origin = envelope.origin();
        message->gateway = gateway_;
        return message;
    }
    void subscribe(const TopicFilter& filter, std::string_view) noexcept override {
        out_.push_back([this, filter] { broker_.take_subscription(*this, filter); });
    }
    void unsubscribe(const TopicFilter& filter, std::string_view) noexcept override {
        if (connected_) ++leaving_;
        out_.push_back([this, text = filter.canonical(), line = lines_] {
            filters.erase(text);
            answer([this, line] { leaving_ -= line == lines_; });
        });
    }
    bool has_left() const noexcept override { return unreceived_.empty() && leaving_ == 0; }
    void stored(Token receipt) noexcept override {
        out_.push_back([this, number = receipt.value] { unacknowledged.erase(number); });
    }

    // The broker's half
    void deliver(const MessagePtr& message, const TopicFilter* group, bool replayed = false) {
        const std::uint64_t number = message->qos == Qos::at_most_once ? 0 : ++last_delivery_;
        Sent sent{message, group ? std::make_shared<const TopicFilter>(*group) : nullptr, replayed};
        if (number != 0) unacknowledged.emplace(number, sent);
        if (connected_) hand_over(sent, number);
    }
    void answer(std::function<void()> packet) {
        if (connected_) in_.push_back(std::move(packet));
    }
    void receive(std::uint64_t number, Errc code, std::uint32_t matches) {
        answer([this, number, code, matches] {
            if (unreceived_.erase(number) != 0) tell(number, code, matches);
        });
    }
    void confirm(const TopicFilter& filter, Errc code) {
        answer([this, filter, code] { sink_->subscribed(filter, filter.group(), code); });
    }
    void cut() {
        connected_ = resent_ = false;
        ++lines_;
        leaving_ = 0;
        out_.clear();
        in_.clear();
        post_([this] { sink_->available(false); });
    }
    void join() {
        connected_ = true;
        for (const auto& [number, sent] : unacknowledged) hand_over(sent, number);
        post_([this] {
            resent_ = true;
            for (const auto& [number, message] : std::map(unreceived_)) send(message, number);
            sink_->available(true);
        });
    }
    /// The gateway does its part on its core.
    bool carry(SeededRandom& random) {
        if (out_.empty() && in_.empty()) return false;
        const bool outward = in_.empty() || (!out_.empty() && random.below(2) == 0);
        auto& way = outward ? out_ : in_;
        const std::function<void()> packet = std::move(way.front());
        way.pop_front();
        outward ? packet() : post_(packet);
        return true;
    }

    const std::string& gateway() const noexcept { return gateway_; }
    std::map<std::string, TopicFilter> filters;  ///< canonical

private:
    struct Sent {
        MessagePtr message;
        std::shared_ptr<const TopicFilter> group;
        bool replayed = false;
    };

    /// At QoS 0 there is no receipt to wait for: it goes once, and is taken by that.
    void send(const std::shared_ptr<const Message>& message, std::uint64_t number) {
        if (!connected_ || !resent_) return;
        out_.push_back([this, message, number] { broker_.take(*this, message, number); });
        if (message->qos != Qos::at_most_once) return;
        unreceived_.erase(number);
        post_([this, number] { tell(number, Errc::ok, 1); });
    }
    void tell(std::uint64_t number, Errc code, std::uint32_t matches) {
        const BackendReceipt receipt{{{}, {number}}, code, matches};
        sink_->taken({&receipt, 1});
    }
    void hand_over(const Sent& sent, std::uint64_t number) {
        in_.push_back([this, sent, number] { arrive(sent, number); });
    }
    void arrive(const Sent& sent, std::uint64_t number) {
        const Message& message = *sent.message;
        Arrival arrival;
        const Result<Topic> topic = Topic::parse({}, message.topic);
        arrival.draft.topic = *topic;
        arrival.draft.payload = message.payload;
        arrival.draft.qos = message.qos;
        arrival.draft.retain = message.retain;
        arrival.draft.ttl = message.ttl;
        arrival.draft.passes = message.passes;
        if (!message.extras.empty()) arrival.draft.extras = std::make_unique<Extras>(message.extras);
        if (message.gateway == gateway_) arrival.origin = message.origin;
        arrival.group = sent.group.get();
        arrival.replayed = sent.replayed;
        arrival.receipt = {number};
        sink_->arrived(std::move(arrival));
    }

    ModelBroker& broker_;
    std::string gateway_;
    BackendSink* sink_ = nullptr;
    std::function<void(std::function<void()>)> post_;
    bool connected_ = false;
    bool resent_ = false;  ///< since it is connected: nothing new goes before that
    std::deque<std::function<void()>> out_;
    std::deque<std::function<void()>> in_;
    std::map<std::uint64_t, MessagePtr> unreceived_;  ///< published without a receipt
    std::map<std::uint64_t, Sent> unacknowledged;     ///< the broker's: delivered, and perhaps lost
    std::uint64_t last_delivery_ = 0;
    std::uint64_t lines_ = 0;  ///< that broke
    std::size_t leaving_ = 0;  ///< filters that the broker may not know to be given up
};

ModelBroker::~ModelBroker() = default;

BackendTraits ModelBroker::all_traits() noexcept {
    BackendTraits traits;
    traits.max_qos = Qos::exactly_once;
    traits.wildcards = traits.retained = traits.shared_groups = traits.ordered = traits.durable = traits.headers = true;
    traits.max_payload = 1'000'000;
    return traits;
}

std::unique_ptr<Backend> ModelBroker::backend_for(const std::string& gateway) {
    auto side = std::make_unique<Side>(*this, gateway);
    sides_[gateway] = side.get();
    return side;
}

bool ModelBroker::step() {
    const std::size_t first = sides_.empty() ? 0 : random_.below(sides_.size());
    for (std::size_t i = 0; i < sides_.size(); ++i)
        if (std::next(sides_.begin(), static_cast<std::ptrdiff_t>((first + i) % sides_.size()))->second->carry(random_)) return true;
    return false;
}

void ModelBroker::cut(const std::string& gateway) { sides_.at(gateway)->cut(); }
void ModelBroker::join(const std::string& gateway) { sides_.at(gateway)->join(); }

void ModelBroker::take(Side& from, const MessagePtr& message, std::uint64_t number) {
    const Errc code = judge(message->topic);
    from.receive(number, code, code != Errc::ok ? 0 : message->group.empty() ? spread(message) : pass_on(message));
}

std::uint32_t ModelBroker::pass_on(const MessagePtr& message) {
    std::vector<Side*> members;
    for (const auto& [name, side] : sides_)
        if (side->filters.contains(message->group)) members.push_back(side);
    return give_to_one(message, message->group, members);
}

std::uint32_t ModelBroker::give_to_one(const MessagePtr& message, const std::string& group, const std::vector<Side*>& members) {
    if (members.empty()) return 0;
    const TopicFilter filter = *TopicFilter::parse({}, group);
    members[turns_[group]++ % members.size()]->deliver(message, &filter);
    return 1;
}

void ModelBroker::publish(const std::string& topic, const std::string& payload, bool retain, std::unique_ptr<Extras> extras) {
    auto message = std::make_shared<Message>();
    message->topic = topic;
    append(message->payload, payload);
    message->qos = Qos::at_least_once;
    message->retain = retain;
    if (extras) message->extras = *extras;
    spread(message);
}

std::uint32_t ModelBroker::spread(const MessagePtr& message) {
    const Result<Topic> topic = Topic::parse({}, message->topic);
    const std::string& text = message->topic;
    if (message->retain) message->payload.empty() ? static_cast<void>(retained_.erase(text)) : static_cast<void>(retained_[text] = message);
    std::uint32_t matches = 0;
    std::map<std::string, std::vector<Side*>> groups;
    for (const auto& [name, side] : sides_) {
        const bool inbox = text.starts_with(inbox_prefix);
        bool wants = inbox ? text.starts_with(std::string(inbox_prefix) + name + '/') : topic->reserved();
        for (const auto& [canonical, filter] : side->filters) {
            if (!filter.matches(*topic)) continue;
            if (filter.shared()) groups[canonical].push_back(side);
            wants |= !filter.shared();
        }
        if (wants) side->deliver(message, nullptr);
        matches += wants;
    }
    for (const auto& [canonical, members] : groups) matches += give_to_one(message, canonical, members);
    return matches;
}

void ModelBroker::take_subscription(Side& from, const TopicFilter& filter) {
    const Errc code = judge(filter.canonical());
    if (code == Errc::ok) {
        from.filters.insert_or_assign(filter.canonical(), filter);
        for (const auto& [text, message] : retained_)
            if (!filter.shared() && filter.matches(*Topic::parse({}, text))) from.deliver(message, nullptr, true);
    }
    from.confirm(filter, code);
}

std::vector<std::string> ModelBroker::interest(const std::string& gateway) const {
    std::vector<std::string> all;
    for (const auto& [canonical, filter] : sides_.at(gateway)->filters) all.push_back(canonical);
    return all;
}

}  // namespace junctor::test
