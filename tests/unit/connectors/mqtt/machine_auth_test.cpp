#include <gtest/gtest.h>

#include "tests/unit/connectors/mqtt/recorded_actions.hpp"

namespace junctor::mqtt {
namespace {

using wire::hex;
using Log = std::vector<std::string>;

AuthenticationStep step_of(AuthenticationStep::Outcome outcome, ByteBuffer data = {}) {
    AuthenticationStep step(outcome);
    step.challenge = std::move(data);
    step.reason = "wrong";
    return step;
}

using Outcome = AuthenticationStep::Outcome;

/// A client with the method "m", let in after one challenge.
struct ProvenClient {
    Machine::Rules rules;
    Machine machine{rules};
    wire::RecordedActions actions;

    ProvenClient() {
        actions.machine = &machine;
        send("10 16 0004 4D515454 05 02 000A 08 15 0001 6D 16 0001 64 0001 70");
        EXPECT_FALSE(machine.answered(step_of(Outcome::challenge, {0x63}), actions));
        send("F0 0A 18 08 15 0001 6D 16 0001 72");
        EXPECT_TRUE(machine.answered(step_of(Outcome::allow), actions));
        machine.opened({TenantId{}, "p", false, {}}, actions);
        actions.take();
    }
    Log send(std::string_view packet) {
        const ByteBuffer bytes = hex(packet);
        machine.received(wire::frame_of(bytes), actions);
        return actions.take();
    }
    Log answer(const AuthenticationStep& step) {
        machine.answered(step, actions);
        return actions.take();
    }
};

constexpr const char* begin_again = "F0 0A 19 08 15 0001 6D 16 0001 64";
constexpr const char* go_on = "F0 0A 18 08 15 0001 6D 16 0001 72";

TEST(MqttReauthentication, ProvesAgainWhoTheClientIs) {
    ProvenClient client;
    EXPECT_EQ(client.send(begin_again), Log{"again m 64"});
    EXPECT_TRUE(client.machine.awaits_answer());
    EXPECT_FALSE(client.machine.reads());
    EXPECT_EQ(client.answer(step_of(Outcome::challenge, {0x63})), Log{"F00A18" "08" "1500016D" "16000163"});
    EXPECT_TRUE(client.machine.reads());
    EXPECT_EQ(client.send("30 04 0001 74 00"), Log{"publish t"}) << "meanwhile it is who it was";
    EXPECT_EQ(client.send(go_on), Log{"continue 72"});
    EXPECT_EQ(client.answer(step_of(Outcome::allow, {0x66})), Log{"F00A00" "08" "1500016D" "16000166"});
    EXPECT_TRUE(client.machine.is_open());
    EXPECT_EQ(client.send(begin_again), Log{"again m 64"}) << "as often as it likes";
}

TEST(MqttReauthentication, EndsTheConnectionWhenItFails) {
    ProvenClient client;
    client.send(begin_again);
    client.answer(step_of(Outcome::challenge));
    client.send(go_on);
    EXPECT_EQ(client.answer(step_of(Outcome::deny)), (Log{"E00A87" "08" "1F000577726F6E67", "close not_authorized"}));
}

TEST(MqttReauthentication, NeedsNoChallenge) {
    ProvenClient client;
    client.send(begin_again);
    EXPECT_EQ(client.answer(step_of(Outcome::allow)), Log{"F00600" "04" "1500016D"});
    EXPECT_TRUE(client.machine.is_open());
}

TEST(MqttReauthentication, EndsTheConnectionWhenNobodyKnowsTheMethodAnyMore) {
    ProvenClient client;
    client.send(begin_again);
    AuthenticationStep unknown = step_of(Outcome::deny);
    unknown.unjudged = true;
    EXPECT_EQ(client.answer(unknown), (Log{"E00182", "close not_authorized"}));
}

TEST(MqttReauthentication, EndsTheConnectionThatBreaksItsRules) {
    for (const char* wrong : {"F0 06 19 04 15 0001 6E", "F0 00", "F0 02 19 00", "F0 06 00 04 15 0001 6D", go_on}) {
        ProvenClient client;
        EXPECT_EQ(client.send(wrong), (Log{"E00182", "close protocol_error"})) << wrong;
    }
    ProvenClient twice;
    twice.send(begin_again);
    twice.answer(step_of(Outcome::challenge));
    EXPECT_EQ(twice.send(begin_again), (Log{"E00182", "close protocol_error"}));
    ProvenClient malformed;
    EXPECT_EQ(malformed.send("F1 0A 19 08 15 0001 6D 16 0001 64"), (Log{"E00181", "close malformed"}));
}

}  // namespace
}  // namespace junctor::mqtt
