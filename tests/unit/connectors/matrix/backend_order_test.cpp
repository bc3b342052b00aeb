#include "connectors/matrix/event_order.hpp"
#include "tests/unit/connectors/matrix/pushed_fixture.hpp"

namespace junctor::matrix {
namespace {

const std::string shared_events = "GET /_matrix/client/v3/rooms/%21s%3Ahs/event/%24";

class MatrixBackendOrder : public PushedFixture {
protected:
    /// The event of that number of another gateway, with the number as its payload.
    static std::string numbered(int number, int qos = 0, const std::string& chain = "run", int at_ms = 1'000, const std::string& room = "!s:hs") {
        const nlohmann::json order{{"chain", chain}, {"number", number}, {"after", number > 1 ? "$" + std::to_string(number - 1) : ""}};
        const nlohmann::json message{{"topic", "a"}, {"qos", qos}, {"data", std::to_string(number)}};
        return nlohmann::json{{"event_id", "$" + std::to_string(number)},
                              {"room_id", room},
                              {"sender", "@two:hs"},
                              {"origin_server_ts", at_ms},
                              {"type", room == "!s:hs" ? "junctor.messages" : "junctor.message"},
                              {"content", room == "!s:hs" ? nlohmann::json{{"messages", {message}}, {order_key, order}} : nlohmann::json{{"junctor", message}, {order_key, order}}}}
            .dump();
    }
    void expect_event(int number, int at_ms = 1'000) { expect(shared_events + std::to_string(number), 200, numbered(number, 0, "run", at_ms)); }
    bool asks_for_events() { return asks("GET /_matrix/client/v3/rooms/%21s%3Ahs/event/") || asks("GET /_matrix/client/v3/rooms/%21own%3Ahs/event/"); }
    void publish(const std::string& topic, const std::string& payload, bool retain = false) {
        Draft draft;
        draft.topic = *Topic::parse({}, topic);
        draft.payload = as_bytes(payload);
        draft.retain = retain;
        backend.publish(Envelope::make(std::move(draft), {{}, {}, nullptr, lone.core.now()}), {{}, {1}});
    }
    /// What the one that is sent says of its place.
    OrderMark sends(const std::string& what, const std::string& event, unsigned status = 200) {
        const std::optional<OrderMark> mark = order_of(nlohmann::json::parse(as_text(asked(what).body)));
        outbound->answer(status, status == 200 ? R"({"event_id":")" + event + "\"}" : R"({"errcode":"M_TOO_LARGE"})");
        return mark.value_or(OrderMark{});
    }
};

TEST_F(MatrixBackendOrder, WhatIsSentSaysWhatCameBeforeIt) {
    come_up(false);
    const std::string shared = "PUT /_matrix/client/v3/rooms/%21s%3Ahs/", own = "PUT /_matrix/client/v3/rooms/%21own%3Ahs/";
    publish("a", "1");
    const OrderMark first = sends(shared + "send", "$one");
    EXPECT_EQ(first.number, 1U);
    EXPECT_EQ(first.after, "");
    publish("own", "text");
    EXPECT_EQ(sends(own + "send", "$text").number, 1U) << "another room";
    publish("a", "too large");
    EXPECT_EQ(sends(shared + "send", {}, 413).number, 2U);
    publish("a", "2", true);
    const OrderMark retained = sends(shared + "state", "$two");
    EXPECT_EQ(retained.chain, first.chain);
    EXPECT_EQ(retained.number, 2U);
    EXPECT_EQ(retained.after, "$one");
    publish("own", std::string("\xFF binary"));
    EXPECT_EQ(sends(own + "send", "$binary").after, "$text");
}

TEST_F(MatrixBackendOrder, AfterOneThatPerhapsArrivedAnotherChainBegins) {
    come_up(false);
    const std::string shared = "PUT /_matrix/client/v3/rooms/%21s%3Ahs/";
    publish("a", "1");
    const OrderMark first = sends(shared + "send", "$one");
    publish("a", "2");
    asked(shared + "send");
    outbound->fail();
    lone.advance(1s);
    expect_ping(500);
    lone.advance(11s);
    expect_ping();
    publish("a", "3");
    const OrderMark later = sends(shared + "send", "$three");
    EXPECT_NE(later.chain, first.chain);
    EXPECT_EQ(later.number, 1U);
    EXPECT_EQ(later.after, "");
}

TEST_F(MatrixBackendOrder, InOrderNothingIsAsked) {
    come_up(false);
    push("1", numbered(1) + ',' + numbered(2));
    push("2", numbered(3));
    EXPECT_EQ(heard(), (Texts{"a 1", "a 2", "a 3"}));
    EXPECT_EQ(answered(), (Texts{"1 taken", "2 taken"}));
    EXPECT_FALSE(asks_for_events());
}

TEST_F(MatrixBackendOrder, WhatIsMissingIsAskedForAndComesBefore) {
    come_up(false);
    push("1", numbered(1) + ',' + numbered(4) + ',' + numbered(5));
    push("2", numbered(6));
    EXPECT_EQ(heard(), Texts{"a 1"});
    expect_event(3);
    EXPECT_EQ(heard(), Texts{});
    EXPECT_EQ(answered(), Texts{});
    expect_event(2);
    EXPECT_EQ(heard(), (Texts{"a 2", "a 3", "a 4", "a 5", "a 6"}));
    EXPECT_EQ(answered(), (Texts{"1 taken", "2 taken"}));
    push("3", numbered(2) + ',' + numbered(3));
    EXPECT_EQ(heard(), Texts{}) << "they were taken already";
    push("4", numbered(7));
    EXPECT_EQ(heard(), Texts{"a 7"});
    EXPECT_EQ(answered(), (Texts{"3 taken", "4 taken"}));
    EXPECT_FALSE(asks_for_events());
    EXPECT_EQ(metric_total("junctor_matrix_left_out_total", {&lone.metrics}), 2);
}

TEST_F(MatrixBackendOrder, ATransactionIsAnsweredWhenWhatWasMissingIsKept) {
    come_up(false);
    push("1", numbered(1) + ',' + numbered(3, 1));
    expect(shared_events + "2", 200, numbered(2, 1));
    EXPECT_EQ(heard(), (Texts{"a 1", "a 2", "a 3"}));
    backend.stored(sink.receipts.at(1));
    EXPECT_EQ(answered(), Texts{});
    backend.stored(sink.receipts.at(0));
    EXPECT_EQ(answered(), Texts{"1 taken"});
}

TEST_F(MatrixBackendOrder, WhatWasMissingAndCouldNotBeKeptComesAnew) {
    come_up(false);
    push("0", numbered(1));
    push("1", numbered(3, 1));
    expect(shared_events + "2", 200, numbered(2, 1));
    EXPECT_EQ(heard(), (Texts{"a 1", "a 2", "a 3"}));
    lone.advance(31s);
    push("1", numbered(3, 1));
    expect(shared_events + "2", 200, numbered(2, 1));
    EXPECT_EQ(heard(), (Texts{"a 2", "a 3"}));
}

TEST_F(MatrixBackendOrder, OfTheTimeBeforeTheGatewayNothingIsAskedFor) {
    start(false);
    expect("POST /_matrix/client/v3/register", 400, R"({"errcode":"M_USER_IN_USE"})");
    expect("GET /_matrix/client/v3/account/whoami", 200, R"({"user_id":"@junctor-1:hs"})");
    expect("POST /_matrix/client/v3/join/%23shared%3Ahs", 200, R"({"room_id":"!s:hs"})");
    expect("POST /_matrix/client/v3/join/%21own%3Ahs", 200, R"({"room_id":"!own:hs"})");
    push("1", numbered(13));
    expect_looks(numbered(11, 0, "run", 500) + ',' + numbered(10, 0, "run", 499));
    expect_event(12, 501);
    EXPECT_EQ(heard(), Texts{});
    expect_event(11, 500);
    EXPECT_EQ(heard(), (Texts{"a 12", "a 13"}));
    EXPECT_EQ(answered(), Texts{"1 taken"});
}

TEST_F(MatrixBackendOrder, WhatIsNotToBeHadIsNotWaitedFor) {
    come_up(false);
    push("1", numbered(1) + ',' + numbered(4));
    expect(shared_events + "3", 404, R"({"errcode":"M_NOT_FOUND"})");
    EXPECT_EQ(heard(), (Texts{"a 1", "a 4"}));
    push("2", numbered(2) + ',' + numbered(3) + ',' + numbered(5));
    EXPECT_EQ(heard(), (Texts{"a 2", "a 3", "a 5"})) << "late, but not lost";
    EXPECT_FALSE(asks_for_events());
}

TEST_F(MatrixBackendOrder, AHomeserverInTroubleIsAskedAgainAndNotForEver) {
    come_up(false);
    push("1", numbered(1) + ',' + numbered(3));
    expect(shared_events + "2", 500, "");
    EXPECT_EQ(heard(), Texts{"a 1"});
    lone.advance(1100ms);
    expect(shared_events + "2", 429, R"({"retry_after_ms":3000})");
    lone.advance(1100ms);
    EXPECT_FALSE(asks_for_events());
    lone.advance(2s);
    expect_event(2);
    EXPECT_EQ(heard(), (Texts{"a 2", "a 3"}));
    push("2", numbered(5));
    lone.advance(16s);
    expect(shared_events + "4", 502, "");
    EXPECT_EQ(heard(), Texts{"a 5"});
    EXPECT_EQ(answered(), (Texts{"1 taken", "2 taken"}));
}

TEST_F(MatrixBackendOrder, WhatNamesAnotherThanTheOneBeforeLeadsNowhere) {
    come_up(false);
    push("1", numbered(1) + ',' + numbered(4));
    expect(shared_events + "3", 200, numbered(3, 0, "somebody else's"));
    EXPECT_EQ(heard(), (Texts{"a 1", "a 4"}));
    EXPECT_FALSE(asks_for_events());
    EXPECT_EQ(answered(), Texts{"1 taken"});
}

TEST_F(MatrixBackendOrder, ALaterRunGoesOnWhereThisOneWas) {
    start();
    come_near(R"({"transactions":["7"],"order":{"before":500,"chains":[{"room":"!s:hs","chain":"run","number":4,"at":900}],"early":["$3"]}})");
    expect_ping();
    expect_looks();
    heard();
    push("8", numbered(3) + ',' + numbered(5));
    EXPECT_EQ(heard(), Texts{"a 5"});
    const nlohmann::json kept = expect_kept(R"(["7","8"])");
    EXPECT_EQ(kept["order"]["chains"][0]["number"], 5);
    EXPECT_EQ(kept["order"]["early"].size(), 0U);
    EXPECT_FALSE(asks_for_events());
}

/// Else what was taken early would be dropped, though nobody has kept it.
TEST_F(MatrixBackendOrder, WhatIsWrittenDownIsWhatIsKept) {
    come_up();
    push("8", numbered(1));
    push("9", numbered(3, 1));
    expect(shared_events + "2", 200, numbered(2, 1));
    const nlohmann::json kept = expect_kept(R"(["7","8"])");
    EXPECT_EQ(kept["order"]["chains"][0]["number"], 1);
    EXPECT_EQ(kept["order"]["early"].size(), 0U);
    for (const Token each : sink.receipts) backend.stored(each);
    EXPECT_EQ(expect_kept(R"(["7","8","9"])")["order"]["early"][0], "$2");
}

class MatrixBackendStranded : public MatrixBackendOrder {
protected:
    void come_up_with(const std::string& newest, const std::string& in_own = {}) {
        start(false);
        come_near({}, false);
        expect_ping();
        expect_looks(newest, in_own);
        EXPECT_EQ(heard(), Texts{"available"});
    }
};

TEST_F(MatrixBackendStranded, WhatIsNeverPushedIsTakenFromTheRoom) {
    come_up_with(numbered(2) + ',' + numbered(1), numbered(1, 1, "run", 1'000, "!own:hs"));
    lone.advance(4s);
    EXPECT_EQ(heard(), Texts{});
    lone.advance(1100ms);
    EXPECT_EQ(heard(), (Texts{"a 1", "a 2", "own 1"}));
    push("1", numbered(1) + ',' + numbered(2) + ',' + numbered(3));
    EXPECT_EQ(heard(), Texts{"a 3"});
}

TEST_F(MatrixBackendStranded, WhatIsPushedInTimeIsNot) {
    come_up_with(numbered(2) + ',' + numbered(1));
    push("1", numbered(1) + ',' + numbered(2));
    EXPECT_EQ(heard(), (Texts{"a 1", "a 2"}));
    lone.advance(6s);
    EXPECT_EQ(heard(), Texts{});
}

/// While the homeserver sends what it has kept back, the newest is the last to come.
TEST_F(MatrixBackendStranded, WhatIsOnItsWayIsNot) {
    come_up_with(numbered(9));
    push("1", numbered(1));
    lone.advance(6s);
    EXPECT_EQ(heard(), Texts{"a 1"});
    EXPECT_FALSE(asks_for_events());
}

TEST_F(MatrixBackendStranded, WhatALaterOneHasOvertakenIs) {
    come_up_with(numbered(1, 0, "another") + ',' + numbered(2) + ',' + numbered(1));
    push("1", numbered(1, 0, "another"));
    EXPECT_EQ(heard(), Texts{"a 1"});
    lone.advance(6s);
    EXPECT_EQ(heard(), (Texts{"a 1", "a 2"}));
}

TEST_F(MatrixBackendStranded, WhatIsMissingBeforeItComesWithIt) {
    come_up_with(numbered(3));
    lone.advance(6s);
    expect_event(2);
    expect_event(1);
    EXPECT_EQ(heard(), (Texts{"a 1", "a 2", "a 3"}));
}

TEST_F(MatrixBackendStranded, RoomsAreAskedForAWhileOnly) {
    come_up_with({});
    std::size_t asked = 0;
    const std::string newest = "GET /_matrix/client/v3/rooms/%21s%3Ahs/messages";
    for (int ping = 0; ping < 30; ++ping) {
        lone.advance(21s);
        expect_ping();
        if (!asks(newest)) continue;
        expect_looks();
        ++asked;
    }
    EXPECT_EQ(asked, 14U);
    for (std::size_t i = 0; i <= Transactions::most_under_way; ++i) push(std::to_string(10 + i), text("x"));
    EXPECT_EQ(answered(), Texts{"18 again"});
    lone.advance(21s);
    expect_ping();
    expect_looks();
}

TEST_F(MatrixBackendStranded, WhatCouldNotBeKeptIsFoundAnew) {
    come_up_with(numbered(2, 1));
    lone.advance(6s);
    expect(shared_events + "1", 200, numbered(1, 1));
    EXPECT_EQ(heard(), (Texts{"a 1", "a 2"}));
    for (int ping = 0; ping < 2; ++ping) {
        lone.advance(21s);
        expect_ping();
        expect_looks(numbered(2, 1));
    }
    lone.advance(6s);
    expect(shared_events + "1", 200, numbered(1, 1));
    EXPECT_EQ(heard(), (Texts{"a 1", "a 2"}));
    for (const Token each : sink.receipts) backend.stored(each);
    push("1", numbered(1) + ',' + numbered(2));
    EXPECT_EQ(heard(), Texts{});
    EXPECT_EQ(answered(), Texts{"1 taken"});
}

TEST_F(MatrixBackendStranded, ThatItWasTakenIsWrittenDown) {
    start();
    come_near();
    expect_ping();
    expect_looks(numbered(1));
    lone.advance(6s);
    EXPECT_EQ(expect_kept(R"(["7"])")["order"]["early"][0], "$1");
}

}  // namespace
}  // namespace junctor::matrix
