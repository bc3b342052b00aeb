#include <cstdlib>

#include "connectors/mqtt/machine.hpp"

using namespace junctor;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

/// Surroundings that answer every question, now or one packet later, and check what the machine says.
class Surroundings final : public mqtt::Actions {
public:
    explicit Surroundings(bool at_once) : at_once_(at_once) {}

    void send(Bytes packet) noexcept override {
        require(!ended_);
        mqtt::Frame frame;
        require(mqtt::read_head(packet, frame.head) == mqtt::HeadState::complete && frame.head.packet_size() == packet.size());
        frame.body = packet.subspan(frame.head.size);
        require(static_cast<bool>(mqtt::decode(frame, machine->version(), mqtt::Sender::server)));
    }
    void authenticate(const mqtt::Connect&) noexcept override { asked_ = true; }
    void continue_authentication(Bytes) noexcept override { asked_ = true; }
    void publish(Draft&& draft, Token token) noexcept override {
        require(!ended_ && !draft.topic.text().empty());
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
    void hang_up(CloseReason) noexcept override {
        require(!ended_);
        ended_ = true;
    }

    /// What was put off.
    void catch_up() {
        if (std::exchange(asked_, false)) {
            AuthenticationStep step(++answers_ == 1 && challenge_first_ ? AuthenticationStep::Outcome::challenge
                                                                        : AuthenticationStep::Outcome::allow);
            if (machine->answered(step, *this)) machine->opened(TenantId{}, "name", *this);
        }
        for (const Token token : std::exchange(waiting_, {})) machine->settled(token, Receipt{}, *this);
        const Qos qos = answers_ % 2 != 0 ? Qos::at_least_once : Qos::exactly_once;
        if (machine->is_open() && machine->takes(qos)) machine->begin(qos);
    }

    mqtt::Machine* machine = nullptr;
    bool challenge_first_ = false;

private:
    void settle(Token token, const Receipt& receipt) {
        if (token.value == 0) return;
        if (at_once_)
            machine->settled(token, receipt, *this);
        else
            waiting_.push_back(token);
    }

    bool at_once_;
    bool asked_ = false;
    bool ended_ = false;
    int answers_ = 0;
    std::vector<Token> waiting_;
};

}  // namespace

/// The first byte chooses how the surroundings behave; then packets follow each other as on a stream.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    mqtt::Machine::Rules rules;
    rules.filters_per_packet = 8;
    rules.headers = 4;
    rules.in_flight = 4;
    mqtt::Machine machine(rules);
    Surroundings surroundings((data[0] & 1) != 0);
    surroundings.machine = &machine;
    surroundings.challenge_first_ = (data[0] & 2) != 0;

    Bytes rest{data + 1, size - 1};
    mqtt::Frame frame;
    while (machine.reads() && mqtt::read_head(rest, frame.head) == mqtt::HeadState::complete && frame.head.packet_size() <= rest.size()) {
        frame.body = rest.subspan(frame.head.size, frame.head.remaining);
        rest = rest.subspan(frame.head.packet_size());
        machine.received(frame, surroundings);
        surroundings.catch_up();
    }
    machine.end(CloseReason::server_shutdown, {}, surroundings);
    return 0;
}
