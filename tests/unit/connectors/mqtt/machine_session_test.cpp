#include <gtest/gtest.h>

#include "tests/unit/connectors/mqtt/open_client.hpp"

namespace junctor::mqtt {
namespace {

using namespace std::chrono_literals;
using wire::hex;
using wire::Log;
using wire::OpenClient;

/// A machine whose client was let in; its session is not open yet.
struct AllowedClient {
    Machine::Rules rules;
    Machine machine{rules};
    wire::RecordedActions actions;

    explicit AllowedClient(std::string_view connect, const Machine::Rules& chosen = {}) : rules(chosen) {
        actions.machine = &machine;
        const ByteBuffer bytes = hex(connect);
        machine.received(wire::frame_of(bytes), actions);
        AuthenticationStep step(AuthenticationStep::Outcome::allow);
        step.principal = PrincipalRef(new Principal(TenantId{}, "somebody"));
        EXPECT_TRUE(machine.answered(step, actions));
        actions.take();
    }
    Log open(const Opened& found = {}, std::string_view name = "p") {
        machine.opened({TenantId{}, name, false, found}, actions);
        return actions.take();
    }
};

constexpr std::string_view expiry_10 = "10 13 0004 4D515454 05 02 000A 05 110000000A 0001 70";

TEST(MqttSession, TellsTheGateWhatTheClientAsksOfItsSession) {
    struct Row {
        const char* connect;
        Duration expiry;
        bool clean_start;
    };
    const Row rows[] = {
        {"10 0F 0006 4D5149736470 03 02 000A 0001 70", 0s, true},
        {"10 0F 0006 4D5149736470 03 00 000A 0001 70", Duration::max(), false},
        {"10 0D 0004 4D515454 04 02 000A 0001 70", 0s, true},
        {"10 0D 0004 4D515454 04 00 000A 0001 70", Duration::max(), false},
        {"10 0E 0004 4D515454 05 02 000A 00 0001 70", 0s, true},
        {"10 0E 0004 4D515454 05 00 000A 00 0001 70", 0s, false},
        {"10 13 0004 4D515454 05 00 000A 05 110000000A 0001 70", 10s, false},
        {"10 13 0004 4D515454 05 02 000A 05 11FFFFFFFE 0001 70", 4'294'967'294s, true},
        {"10 13 0004 4D515454 05 02 000A 05 11FFFFFFFF 0001 70", Duration::max(), true},
    };
    for (const Row& row : rows) {
        AllowedClient client(row.connect);
        EXPECT_EQ(client.machine.terms().expiry, row.expiry) << row.connect;
        EXPECT_EQ(client.machine.terms().clean_start, row.clean_start) << row.connect;
    }
}

TEST(MqttSession, HoldsExpiryToTheLongestAndTellsVersion5) {
    Machine::Rules rules;
    rules.max_session_expiry = 5s;
    AllowedClient client(expiry_10, rules);
    EXPECT_EQ(client.machine.terms().expiry, 5s);
    EXPECT_EQ(client.open(), Log{"200E0000" "0B" "22000A" "210014" "1100000005"});
    AllowedClient old("10 0D 0004 4D515454 04 00 000A 0001 70", rules);
    EXPECT_EQ(old.machine.terms().expiry, 5s);
    EXPECT_EQ(old.open(), Log{"20020000"});
    AllowedClient modest(expiry_10);
    EXPECT_EQ(modest.open(), Log{"20090000" "06" "22000A" "210014"}) << "it has what it asked for";
}

TEST(MqttSession, SaysThatASessionWasThere) {
    EXPECT_EQ(AllowedClient(expiry_10).open(wire::resumed()), Log{"20090100" "06" "22000A" "210014"});
    EXPECT_EQ(AllowedClient("10 0D 0004 4D515454 04 00 000A 0001 70").open(wire::resumed()), Log{"20020100"});
    EXPECT_EQ(AllowedClient("10 0F 0006 4D5149736470 03 00 000A 0001 70").open(wire::resumed()), Log{"20020000"}) << "3.1 has no flag";
}

TEST(MqttSession, LetsTheClientChangeItsMindWhenItLeaves) {
    Machine::Rules rules;
    rules.max_session_expiry = 100s;
    OpenClient client(Version::v5, "05 1100000001", rules);
    EXPECT_EQ(client.send("E0 07 00 05 110000000A"), (Log{"expiry 10", "forget will", "close normal"}));
    OpenClient greedy(Version::v5, "05 1100000001", rules);
    EXPECT_EQ(greedy.send("E0 07 04 05 11FFFFFFFF"), (Log{"expiry 100", "close normal"}));
    OpenClient last(Version::v5, "05 1100000001", rules);
    EXPECT_EQ(last.send("E0 07 00 05 1100000000"), (Log{"expiry 0", "forget will", "close normal"}));
    OpenClient silent(Version::v5, "05 1100000001", rules);
    EXPECT_EQ(silent.send("E0 00"), (Log{"forget will", "close normal"}));
}

TEST(MqttSession, GivesResponseInformationWhereItIsConfiguredAndAskedFor) {
    constexpr std::string_view asks = "10 10 0004 4D515454 05 02 000A 02 1901 0001 70";
    Machine::Rules rules;
    EXPECT_EQ(AllowedClient(asks).open(), Log{"20090000" "06" "22000A" "210014"});
    rules.response_prefix = "r/";
    EXPECT_EQ(AllowedClient(asks, rules).open(), Log{"200F0000" "0C" "22000A" "210014" "1A0003722F70"});
    EXPECT_EQ(AllowedClient(expiry_10, rules).open(), Log{"20090000" "06" "22000A" "210014"}) << "not asked for";
    EXPECT_EQ(AllowedClient(asks, rules).open({}, "#"), Log{"20090000" "06" "22000A" "210014"}) << "a name is no wildcard";
}

TEST(MqttSession, SendsClientsElsewhere) {
    Machine::Rules rules;
    rules.server_reference = "b";
    OpenClient drained(Version::v5, "", rules);
    drained.machine.end(CloseReason::server_shutdown, {}, drained.actions);
    EXPECT_EQ(drained.actions.take(), (Log{"E0069C" "04" "1C000162", "close server_shutdown"}));
    OpenClient other(Version::v5, "", rules);
    other.machine.end(CloseReason::taken_over, {}, other.actions);
    EXPECT_EQ(other.actions.take(), (Log{"E0018E", "close taken_over"}));

    AllowedClient late(expiry_10, rules);
    late.machine.refused(ReasonCode::server_unavailable, {}, late.actions);
    EXPECT_EQ(late.actions.take(), (Log{"2007009C" "04" "1C000162", "close server_shutdown"}));
    AllowedClient old("10 0D 0004 4D515454 04 02 000A 0001 70", rules);
    old.machine.refused(ReasonCode::server_busy, {}, old.actions);
    EXPECT_EQ(old.actions.take(), (Log{"20020003", "close overloaded"}));
}

TEST(MqttSession, SendsEverybodyElsewhereWhenTheServerHasMoved) {
    Machine::Rules rules;
    rules.server_reference = "b";
    rules.server_moved = true;
    Machine machine(rules);
    wire::RecordedActions actions;
    machine.received(wire::frame_of(hex(expiry_10)), actions);
    EXPECT_EQ(actions.take(), (Log{"2007009D" "04" "1C000162", "close administrative"}));
}

}  // namespace
}  // namespace junctor::mqtt
