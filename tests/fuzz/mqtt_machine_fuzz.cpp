#include <cstdlib>
#include <map>
#include <set>

#include "connectors/mqtt/machine.hpp"

using namespace junctor;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

/// Surroundings that answer every question, now or when the input says so, and check what the machine says. Beside the packets they
/// play the core's side of a durable session: deliveries under a sequence, what stands durably, what an earlier connection left.
class Surroundings final : public mqtt::Actions {
public:
    Surroundings(const mqtt::Machine::Rules& rules, std::uint8_t mood)
        : machine(rules), rules_(rules), at_once_((mood & 1) != 0), challenge_first_((mood & 2) != 0), resumes_((mood & 8) != 0) {}

    void send(Bytes packet) noexcept override {
        require(!ended_);
        mqtt::Frame frame;
        require(mqtt::read_head(packet, frame.head) == mqtt::HeadState::complete && frame.head.packet_size() == packet.size());
        frame.body = packet.subspan(frame.head.size);
        require(static_cast<bool>(mqtt::decode(frame, machine.version(), mqtt::Sender::server)));
        require(packet.size() <= machine.client_packet_limit() || packet.size() <= 5);
    }
    void authenticate(const mqtt::Connect&) noexcept override { ask(); }
    void continue_authentication(Bytes) noexcept override { ask(); }
    void reauthenticate(std::string_view method, Bytes) noexcept override {
        require(!method.empty() && machine.is_open());
        ask();
    }
    void publish(Draft&& draft, Token token) noexcept override {
        require(!ended_ && !draft.topic.text().empty());
        // The core takes a second one for a repetition; the machine must not even ask.
        if (draft.exactly_once_id != 0) require(unreleased_.insert(draft.exactly_once_id).second);
        settle(token, Receipt{static_cast<Errc>(draft.payload.size() % 14), 0, "reason", {}});
    }
    void subscribe(std::span<const SubscribeRequest> requests, Token token) noexcept override {
        require(!ended_ && !requests.empty());
        settle(token, Receipt{});
    }
    void unsubscribe(std::span<const TopicFilter> filters, Token token) noexcept override {
        require(!ended_ && !filters.empty());
        settle(token, Receipt{});
    }
    void acknowledge(std::uint64_t sequence, Progress progress) noexcept override {
        const auto found = outstanding_.find(sequence);
        require(found != outstanding_.end() && progress != Progress::done_up_to);
        if (progress == Progress::done) {
            outstanding_.erase(found);
            return;
        }
        require(found->second == Out::sent_twice);
        found->second = Out::received;
    }
    void release(std::uint16_t packet_id, Token token) noexcept override {
        require(unreleased_.erase(packet_id) == 1);
        settle(token, Receipt{});
    }
    void forget_will() noexcept override { require(!ended_); }
    void change_expiry(Duration expiry) noexcept override { require(!ended_ && expiry <= rules_.max_session_expiry); }
    void hang_up(CloseReason) noexcept override {
        require(!ended_);
        ended_ = true;
    }

    /// What the input says between two packets.
    void play(std::uint8_t choice) {
        switch (choice % 8) {
            case 0: return answer_one(choice >> 3);
            case 1: return deliver(Qos::at_least_once, choice >> 3);
            case 2: return deliver(Qos::exactly_once, choice >> 3);
            case 3: return stand_durably();
            case 4: return release_again();
            case 5: return use_alias(choice >> 3);
            case 6: return deliver_without_sequence();
            default: return answer_all();
        }
    }

    /// Everything that was put off.
    void answer_all() {
        let_in();
        for (const Token token : std::exchange(waiting_, {})) machine.settled(token, Receipt{}, *this);
    }

    mqtt::Machine machine;

private:
    enum class Out : std::uint8_t { sent_once, sent_twice, received };  ///< QoS 1, QoS 2

    void ask() noexcept {
        require(!ended_);
        asked_ = true;
    }

    void let_in() {
        if (!std::exchange(asked_, false)) return;
        using enum AuthenticationStep::Outcome;
        const bool was_open = machine.is_open();
        AuthenticationStep step(++answers_ % 3 == 1 && challenge_first_ ? challenge : allow);
        if (!machine.answered(step, *this) || was_open) return;
        static_cast<void>(machine.take_will());
        Opened found;
        found.resumed = resumes_ && machine.terms().durable();
        if (found.resumed) found.unreleased = {1, 7};
        unreleased_ = {found.unreleased.begin(), found.unreleased.end()};
        machine.opened({TenantId{}, "name", false, found}, *this);
    }

    void settle(Token token, const Receipt& receipt) {
        if (token.value == 0) return;
        if (at_once_)
            machine.settled(token, receipt, *this);
        else
            waiting_.push_back(token);
    }

    void answer_one(std::size_t which) {
        let_in();
        if (waiting_.empty()) return;
        const auto chosen = waiting_.begin() + static_cast<std::ptrdiff_t>(which % waiting_.size());
        const Token token = *chosen;
        waiting_.erase(chosen);
        machine.settled(token, Receipt{static_cast<Errc>(which % 14), 1, {}, {}}, *this);
    }

    void deliver(Qos qos, std::uint64_t gap) {
        if (!machine.is_open() || !machine.takes(qos)) return;
        sequence_ += 1 + gap;
        const std::uint16_t packet_id = machine.begin(qos, sequence_);
        if (packet_id == 0) return;
        require(packet_id == sequence_ % 65'535 + 1);
        outstanding_[sequence_] = qos == Qos::at_least_once ? Out::sent_once : Out::sent_twice;
    }

    void deliver_without_sequence() {
        if (machine.is_open() && machine.takes(Qos::at_least_once)) require(machine.begin(Qos::at_least_once) != 0);
    }

    void stand_durably() {
        for (const auto& [sequence, state] : outstanding_)
            if (state == Out::received) machine.released(sequence, *this);
    }

    void release_again() {
        if (!machine.is_open() || !machine.takes(Qos::exactly_once)) return;
        outstanding_[++sequence_] = Out::received;
        machine.release_again(sequence_, *this);
    }

    void use_alias(std::uint8_t which) {
        const std::string text = "some/topic/" + std::to_string(which);
        const mqtt::SentAliases::Alias alias = machine.alias_for(*Topic::parse({}, text));
        if (alias.number == 0) return;
        require(alias.number <= mqtt::SentAliases::most);
        if (alias.known) require(told_[alias.number] == text);
        told_[alias.number] = text;
    }

    const mqtt::Machine::Rules& rules_;
    bool at_once_;
    bool challenge_first_;
    bool resumes_;
    bool asked_ = false;
    bool ended_ = false;
    int answers_ = 0;
    std::uint64_t sequence_ = 0;
    std::vector<Token> waiting_;
    std::map<std::uint64_t, Out> outstanding_;
    std::set<std::uint16_t> unreleased_;
    std::map<std::uint16_t, std::string> told_;
};

}  // namespace

/// The first byte chooses how the surroundings behave; then packets follow each other as on a stream. With its third bit one byte
/// between two packets says what the core does meanwhile.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    mqtt::Machine::Rules rules;
    rules.filters_per_packet = 8;
    rules.headers = 4;
    rules.in_flight = 4;
    rules.max_session_expiry = std::chrono::hours(1);
    Surroundings surroundings(rules, data[0]);
    mqtt::Machine& machine = surroundings.machine;

    const bool plays = (data[0] & 4) != 0;
    Bytes rest{data + 1, size - 1};
    mqtt::Frame frame;
    while (mqtt::read_head(rest, frame.head) == mqtt::HeadState::complete && frame.head.packet_size() <= rest.size()) {
        frame.body = rest.subspan(frame.head.size, frame.head.remaining);
        rest = rest.subspan(frame.head.packet_size());
        if (!machine.reads()) surroundings.answer_all();
        if (!machine.reads()) break;
        machine.received(frame, surroundings);
        if (!plays || rest.empty()) {
            surroundings.answer_all();
            continue;
        }
        surroundings.play(rest[0]);
        rest = rest.subspan(1);
    }
    machine.end(CloseReason::server_shutdown, {}, surroundings);
    return 0;
}
