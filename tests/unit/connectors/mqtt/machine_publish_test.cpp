#include <gtest/gtest.h>

#include "tests/unit/connectors/mqtt/open_client.hpp"

namespace junctor::mqtt {
namespace {

using wire::Log;
using wire::OpenClient;

TEST(MqttPublish, HandsOverEverythingThatAMessageCarries) {
    OpenClient client(Version::v5);
    client.send(wire::packet(0x33, "0001 74 0001 1A 0101 02 0000003C 03 0001 63 08 0001 72 09 0001 78 26 0001 6B 0001 76 6D 6D"));
    ASSERT_EQ(client.actions.published.size(), 1U);
    const auto& published = client.actions.published[0];
    EXPECT_EQ(published.topic, "t");
    EXPECT_EQ(published.payload, "mm");
    EXPECT_EQ(published.qos, Qos::at_least_once);
    EXPECT_TRUE(published.retain);
    EXPECT_EQ(published.ttl, std::chrono::seconds(60));
    EXPECT_TRUE(published.extras.is_text);
    EXPECT_EQ(published.extras.content_type, "c");
    EXPECT_EQ(published.extras.reply_to, "r");
    EXPECT_EQ(as_text(published.extras.correlation), "x");
    EXPECT_EQ(published.extras.headers, (std::vector<Header>{{"k", "v"}}));
}

TEST(MqttPublish, ResolvesAliases) {
    OpenClient client(Version::v5);
    EXPECT_EQ(client.send("30 07 0001 70 03 230001"), Log{"publish p"});
    EXPECT_EQ(client.send("30 06 0000 03 230001"), Log{"publish p"});
    EXPECT_EQ(client.send("30 07 0001 71 03 230001"), Log{"publish q"});
    EXPECT_EQ(client.send("30 06 0000 03 230001"), Log{"publish q"});
}

// 5.0 section 3.3.2.3.2: a receiver may check it.
TEST(MqttPublish, APayloadThatIsNotTheTextItClaimsToBeIsRefusedWhereThatIsChecked) {
    Machine::Rules rules;
    const std::string bad_qos1 = "32 09 0001 74 0001 02 0101 FF", bad_qos2 = "34 09 0001 74 0002 02 0101 FF", bad_qos0 = "30 07 0001 74 02 0101 FF";
    EXPECT_EQ(OpenClient(Version::v5, "00", rules).send(bad_qos0), Log{"publish t"}) << "by default it goes on as it is";
    rules.checks_text = true;
    OpenClient client(Version::v5, "00", rules);
    EXPECT_EQ(client.send(bad_qos1), Log{"4003000199"});
    EXPECT_EQ(client.send(bad_qos2), Log{"5003000299"});
    EXPECT_TRUE(client.actions.published.empty());
    client.send("32 09 0001 74 0003 02 0101 6D");
    client.send("34 09 0001 74 0002 02 0100 FF");
    EXPECT_EQ(client.actions.published.size(), 2U) << "text, and bytes that claim nothing";
    EXPECT_EQ(client.send(bad_qos0).front(), "E00199") << "there is no acknowledgement to say it in";
}

// Acknowledgements keep the order of the publishes (4.6.0).
TEST(MqttPublish, ARefusedPayloadIsAnsweredInItsTurn) {
    Machine::Rules rules;
    rules.checks_text = true;
    OpenClient client(Version::v5, "00", rules);
    client.send("32 07 0001 74 0001 00 6D");
    const Token first = client.actions.published.back().token;
    EXPECT_EQ(client.send("32 09 0001 74 0002 02 0101 FF"), Log{});
    EXPECT_EQ(client.settle(first, Receipt{Errc::ok, 1, {}, {}}), (Log{"40020001", "4003000299"}));
}

struct ReceiptRow {
    Errc code;
    std::uint32_t matches;
    const char* old_answer;
    const char* answer;
};

TEST(MqttPublish, AnswersQos1ByWhatTheGateSays) {
    const ReceiptRow rows[] = {
        {Errc::ok, 1, "40020001", "40020001"},
        {Errc::ok, 0, "40020001", "4003000110"},
        {Errc::no_receivers, 0, "40020001", "4003000110"},
        {Errc::expired, 0, "40020001", "4003000110"},
        {Errc::denied, 0, "40020001", "4003000187"},
        {Errc::bad_topic, 0, "40020001", "4003000190"},
        {Errc::quota_exceeded, 0, "close overloaded", "4003000197"},
        {Errc::overloaded, 0, "close overloaded", "4003000197"},
        {Errc::unavailable, 0, "close overloaded", "4003000183"},
        {Errc::shutting_down, 0, "close overloaded", "4003000183"},
        {Errc::timed_out, 0, "40020001", "4003000180"},
    };
    for (const ReceiptRow& row : rows) {
        SCOPED_TRACE(to_string(row.code));
        OpenClient old(Version::v3_1_1);
        old.actions.settle_publish = Receipt{row.code, row.matches, {}, {}};
        EXPECT_EQ(old.send("32 05 0001 74 0001"), (Log{"publish t", row.old_answer}));
        OpenClient client(Version::v5);
        client.actions.settle_publish = Receipt{row.code, row.matches, {}, {}};
        EXPECT_EQ(client.send("32 06 0001 74 0001 00"), (Log{"publish t", row.answer}));
    }
}

TEST(MqttPublish, GivesTheReasonOfAPolicyRefusalToWhoWantsIt) {
    OpenClient client(Version::v5);
    client.actions.settle_publish = Receipt{Errc::denied, 0, "no", {}};
    EXPECT_EQ(client.send("32 06 0001 74 0001 00"), (Log{"publish t", "4009000187" "05" "1F00026E6F"}));
    OpenClient terse(Version::v5, "02 1700");  // Request Problem Information 0
    terse.actions.settle_publish = Receipt{Errc::denied, 0, "no", {}};
    EXPECT_EQ(terse.send("32 06 0001 74 0001 00"), (Log{"publish t", "4003000187"}));
}

TEST(MqttPublish, AcknowledgesInTheOrderOfArrivalHoweverTheGateSettles) {
    OpenClient client(Version::v3_1_1);
    client.send("32 05 0001 74 0001");
    client.send("32 05 0001 74 0002");
    client.send("34 05 0001 74 0003");
    const auto token = [&](std::size_t i) { return client.actions.published[i].token; };
    EXPECT_EQ(client.settle(token(2), {}), Log{});
    EXPECT_EQ(client.settle(token(1), {}), Log{});
    EXPECT_EQ(client.settle(token(0), {}), (Log{"40020001", "40020002", "50020003"}));
}

TEST(MqttPublish, PublishesAQos2MessageOnce) {
    OpenClient client(Version::v5);
    client.actions.settle_publish = Receipt{Errc::ok, 0, {}, {}};
    EXPECT_EQ(client.send("34 06 0001 74 0007 00"), (Log{"publish t", "50020007"}));
    EXPECT_EQ(client.send("3C 06 0001 74 0007 00"), Log{"50020007"});
    EXPECT_EQ(client.send("62 02 0007"), Log{"70020007"});
    EXPECT_EQ(client.send("62 02 0007"), Log{"70020007"});
    EXPECT_EQ(client.send("34 06 0001 74 0007 00"), (Log{"publish t", "50020007"}));
}

TEST(MqttPublish, ForgetsAQos2MessageThatWasRefused) {
    OpenClient client(Version::v5);
    client.actions.settle_publish = Receipt{Errc::denied, 0, {}, {}};
    EXPECT_EQ(client.send("34 06 0001 74 0007 00"), (Log{"publish t", "5003000787"}));
    EXPECT_EQ(client.send("34 06 0001 74 0007 00"), (Log{"publish t", "5003000787"}));
}

TEST(MqttPublish, LetsGoOfAQos2MessageDurablyBeforeItSaysSo) {
    OpenClient client(Version::v5, "05 1100000001");  // Session Expiry 1
    client.actions.settle_publish = Receipt{Errc::ok, 1, {}, {}};
    EXPECT_EQ(client.send("34 06 0001 74 0007 00"), (Log{"publish t", "50020007"}));
    EXPECT_EQ(client.actions.published[0].exactly_once_id, 7);
    EXPECT_EQ(client.send("32 06 0001 74 0008 00"), (Log{"publish t", "40020008"}));
    EXPECT_EQ(client.actions.published[1].exactly_once_id, 0);
    EXPECT_EQ(client.send("62 02 0007"), Log{"release 7"});
    EXPECT_EQ(client.send("62 02 0007"), Log{}) << "asked already";
    EXPECT_EQ(client.send("3C 06 0001 74 0007 00"), Log{}) << "not let go yet";
    EXPECT_EQ(client.settle(client.actions.last_token, {}), Log{"70020007"});
    EXPECT_EQ(client.send("34 06 0001 74 0007 00"), (Log{"publish t", "50020007"})) << "a new one";
    EXPECT_EQ(client.send("62 02 0009"), Log{"70020009"}) << "nothing to let go of";
}

TEST(MqttPublish, LetsGoOfAQos2MessageBehindItsAnswer) {
    OpenClient client(Version::v5);
    client.send("34 06 0001 74 0007 00");
    EXPECT_EQ(client.send("62 02 0007"), Log{}) << "its client did not wait for PUBREC";
    EXPECT_EQ(client.settle(client.actions.published[0].token, {}), (Log{"50020007", "70020007"}));
}

TEST(MqttPublish, LetsGoOfARefusedQos2MessageAtOnce) {
    OpenClient client(Version::v5, "05 1100000001");
    client.actions.settle_publish = Receipt{Errc::denied, 0, {}, {}};
    EXPECT_EQ(client.send("34 06 0001 74 0007 00"), (Log{"publish t", "release 7", "5003000787"}));
    EXPECT_EQ(client.actions.last_token, Token{});
}

TEST(MqttPublish, NamesNoQos2MessageOfASessionThatEndsWithItsConnection) {
    OpenClient client(Version::v5);
    client.send("34 06 0001 74 0007 00");
    EXPECT_EQ(client.actions.published[0].exactly_once_id, 0);
}

TEST(MqttPublish, RemembersTheQos2MessagesOfAnEarlierConnection) {
    Machine::Rules rules;
    rules.receive_maximum = 1;
    OpenClient client(Version::v5, "05 1100000001", rules, wire::resumed({7, 8}));
    EXPECT_EQ(client.send("3C 06 0001 74 0007 00"), Log{"50020007"});
    EXPECT_EQ(client.send("34 06 0001 74 0001 00"), Log{"publish t"}) << "they do not count";
    EXPECT_EQ(client.send("62 02 0007"), Log{"release 7"});
    EXPECT_EQ(client.settle(client.actions.last_token, {}), Log{"70020007"});
}

TEST(MqttPublish, HoldsBackTheAnswerWhenLettingGoFails) {
    OpenClient client(Version::v5, "05 1100000001", {}, wire::resumed({7}));
    client.send("62 02 0007");
    EXPECT_EQ(client.settle(client.actions.last_token, Receipt{Errc::overloaded, 0, {}, {}}), (Log{"E00189", "close overloaded"}));
}

TEST(MqttPublish, SaysThatAQuotaIsUsedUp) {
    OpenClient client(Version::v5);
    client.actions.settle_publish = Receipt{Errc::quota_exceeded, 0, {}, {}};
    EXPECT_EQ(client.send("32 06 0001 74 0001 00"), (Log{"publish t", "4003000197"}));
    EXPECT_EQ(client.send("34 06 0001 74 0002 00"), (Log{"publish t", "5003000297"}));
    for (const Version old : {Version::v3_1, Version::v3_1_1}) {
        OpenClient older(old);
        older.actions.settle_publish = client.actions.settle_publish;
        EXPECT_EQ(older.send("32 05 0001 74 0001"), (Log{"publish t", "close overloaded"})) << "it would hear that its message was taken";
    }
}

TEST(MqttPublish, HoldsClientsToTheReceiveMaximum) {
    OpenClient client(Version::v5);
    for (int id = 1; id <= 20; ++id) {
        char packet[32];
        std::snprintf(packet, sizeof packet, "3206000174%04X00", static_cast<unsigned>(id));
        EXPECT_EQ(client.send(packet), Log{"publish t"});
    }
    EXPECT_EQ(client.send("32 06 0001 74 0015 00"), (Log{"E00193", "close quota_exceeded"}));
}

TEST(MqttPublish, CountsAQos2MessageOnceAgainstTheReceiveMaximum) {
    Machine::Rules rules;
    rules.receive_maximum = 2;
    OpenClient client(Version::v5, "", rules);
    EXPECT_EQ(client.send("34 06 0001 74 0001 00"), Log{"publish t"});
    EXPECT_EQ(client.send("32 06 0001 74 0002 00"), Log{"publish t"});
    EXPECT_EQ(client.send("32 06 0001 74 0003 00"), (Log{"E00193", "close quota_exceeded"}));
}

TEST(MqttPublish, StopsReadingFromAnOldClientThatIsTooFarAhead) {
    Machine::Rules rules;
    rules.in_flight = 2;
    OpenClient client(Version::v3_1_1, "", rules);
    client.send("32 05 0001 74 0001");
    EXPECT_TRUE(client.machine.reads());
    client.send("32 05 0001 74 0002");
    EXPECT_FALSE(client.machine.reads());
    client.settle(client.actions.published[0].token, {});
    EXPECT_TRUE(client.machine.reads());
}

TEST(MqttPublish, RefusesMoreHeadersThanTheLimit) {
    Machine::Rules rules;
    rules.headers = 1;
    OpenClient client(Version::v5, "", rules);
    EXPECT_EQ(client.send("30 0E 0001 74 0A 26 0000 0000 26 0000 0000"), (Log{"E00197", "close quota_exceeded"}));
}

}  // namespace
}  // namespace junctor::mqtt
