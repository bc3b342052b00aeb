#include "tests/unit/connectors/matrix/backend_fixture.hpp"

namespace junctor::matrix {
namespace {

TEST_F(MatrixBackendTest, SaysWhatItKeepsAndNoMore) {
    const BackendTraits traits = backend.traits();
    EXPECT_EQ(traits.max_qos, Qos::at_least_once);
    EXPECT_TRUE(traits.wildcards && traits.ordered && traits.durable && traits.headers && traits.retained && traits.history);
    EXPECT_FALSE(traits.shared_groups);
    EXPECT_EQ(traits.max_payload, largest_payload);
}

TEST_F(MatrixBackendTest, TheTokenStandsInAHeaderAndNowhereElse) {
    start();
    come_up();
    for (const auto& each : outbound->all) {
        EXPECT_EQ(each->request.headers.at(0).value, "Bearer canary");
        EXPECT_EQ(each->request.url.path.find("canary"), std::string::npos);
        EXPECT_EQ(each->request.url.origin(), "http://127.0.0.1:8008");
    }
}

TEST_F(MatrixBackendTest, AnAliasThatLeadsNowhereIsMadeForTheInvited) {
    start();
    outbound->answer(200, R"({"user_id":"@me:hs"})");
    outbound->answer(404, R"({"errcode":"M_NOT_FOUND"})");
    expect("POST /_matrix/client/v3/createRoom");
    const auto body = nlohmann::json::parse(outbound->last_body());
    EXPECT_EQ(body["preset"], "private_chat");
    EXPECT_EQ(body["room_alias_name"], "shared");
    EXPECT_EQ(body["invite"], nlohmann::json{"@two:hs"});
    EXPECT_EQ(body["power_level_content_override"]["invite"], 50);
}

/// Threat class 37.
TEST_F(MatrixBackendTest, ClientsMakeNoRooms) {
    start();
    come_up();
    subscribe("made/up/#");
    EXPECT_EQ(take(sink.events), Texts{"subscribed made/up/# ok"});
    for (const auto& each : outbound->all) EXPECT_EQ(each->request.url.path.find("createRoom"), std::string::npos);
    publish("made/up/here", "x", 1);
    expect("PUT /_matrix/client/v3/rooms/%21s%3Ahs/send/junctor.messages/");
}

TEST_F(MatrixBackendTest, SomebodyElsesServerGetsNoRoom) {
    start();
    outbound->answer(200, R"({"user_id":"@me:elsewhere"})");
    outbound->answer(404, R"({"errcode":"M_NOT_FOUND"})");
    expect("POST /_matrix/client/v3/join/");
    wait(1s);
    expect("POST /_matrix/client/v3/join/");
}

TEST_F(MatrixBackendTest, WhatComesMeanwhileGoesTogetherInOrder) {
    start();
    come_up();
    for (std::uint64_t i = 1; i <= 3; ++i) publish("a/" + std::to_string(i), "x", i);
    EXPECT_EQ(nlohmann::json::parse(outbound->last_body())["messages"].size(), 1U);
    answer_last(200, R"({"event_id":"$1"})");
    EXPECT_EQ(take(sink.events), Texts{"1 ok"});
    const auto messages = nlohmann::json::parse(outbound->last_body())["messages"];
    ASSERT_EQ(messages.size(), 2U);
    EXPECT_EQ(messages[0]["topic"], "a/2");
    EXPECT_EQ(messages[1]["topic"], "a/3");
    answer_last(200, R"({"event_id":"$2"})");
    EXPECT_EQ(take(sink.events), (Texts{"2 ok", "3 ok"}));
}

TEST_F(MatrixBackendTest, NobodyIsTakenWithoutAnEventId) {
    start();
    come_up();
    publish("a", "x", 1);
    answer_last(200, "{}");
    EXPECT_EQ(take(sink.events), Texts{"away"});
}

TEST_F(MatrixBackendTest, ARoomOfItsOwnGetsWhatPeopleCanRead) {
    start();
    come_up();
    publish("own", "hello", 1);
    expect("PUT /_matrix/client/v3/rooms/%21own%3Ahs/send/m.room.message/");
    EXPECT_EQ(nlohmann::json::parse(outbound->last_body())["body"], "hello");
}

TEST_F(MatrixBackendTest, TooManyRequestsAreSentAgainLaterAndTheSame) {
    start();
    come_up();
    publish("a", "x", 1);
    const std::string first = asked();
    const std::string body = outbound->last_body();
    const std::size_t before = outbound->all.size();
    answer_last(429, R"({"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2000})", {{"Retry-After", "2"}});
    publish("b", "y", 2);
    wait(1'900ms);
    EXPECT_EQ(outbound->all.size(), before);
    wait(200ms);
    EXPECT_EQ(asked(), first);
    EXPECT_EQ(outbound->last_body(), body);
    EXPECT_EQ(take(sink.events), Texts{});
    answer_last(200, R"({"event_id":"$1"})");
    EXPECT_EQ(take(sink.events), Texts{"1 ok"});
}

TEST_F(MatrixBackendTest, ABrokenConnectionRepeatsTheTransaction) {
    start();
    come_up();
    publish("a", "x", 1);
    const std::string transaction = asked();
    std::rotate(outbound->open.begin(), outbound->open.end() - 1, outbound->open.end());
    outbound->fail(OutboundFailure::lost);
    EXPECT_EQ(take(sink.events), Texts{"away"});
    publish("b", "y", 2);
    EXPECT_EQ(take(sink.events), Texts{"2 unavailable"});
    wait(300ms);
    expect("GET /_matrix/client/v3/sync?timeout=0");
    EXPECT_NE(asked().find("since=s1"), std::string::npos);
    outbound->answer(200, R"({"next_batch":"s2"})");
    EXPECT_EQ(take(sink.events), Texts{"available"});
    bool again = false;
    for (const auto& each : outbound->open) again |= !each->cancelled && each->request.method + ' ' + each->request.url.path == transaction;
    EXPECT_TRUE(again);
}

TEST_F(MatrixBackendTest, WhoWaitsTooLongHearsThatItIsAway) {
    start();
    come_up();
    publish("a", "x", 1);
    outbound->fail();
    EXPECT_EQ(take(sink.events), Texts{"away"});
    wait(11s);
    EXPECT_EQ(take(sink.events), Texts{"1 unavailable"});
}

TEST_F(MatrixBackendTest, RefusalsAreToldToTheirPublisher) {
    start();
    come_up();
    publish("a", "x", 1);
    answer_last(403, R"({"errcode":"M_FORBIDDEN"})");
    publish("a", "x", 2);
    answer_last(413, R"({"errcode":"M_TOO_LARGE"})");
    publish("a", std::string(largest_payload, '\xff'), 3);
    publish(std::string(20'000, 't'), std::string(largest_payload, '\xff'), 4);
    EXPECT_EQ(take(sink.events), (Texts{"1 denied", "2 too_large", "4 too_large"}));
}

TEST_F(MatrixBackendTest, MoreThanMayWaitIsOverloaded) {
    start();
    come_up();
    for (std::uint64_t i = 1; i <= 5; ++i) publish("a", "x", i);
    EXPECT_EQ(take(sink.events), Texts{"5 overloaded"});
}

TEST_F(MatrixBackendTest, WhatWasBeforeTheGatewayCameIsNotForIt) {
    start();
    come_up(news("s1", "!s:hs", room_event("junctor.messages", R"({"messages":[{"topic":"old","data":"x"}]})")));
    EXPECT_EQ(take(sink.events), Texts{});
}

TEST_F(MatrixBackendTest, HearsGatewaysAndPeople) {
    start();
    come_up();
    outbound->answer(200, news("s2", "!s:hs", room_event("junctor.messages", R"({"messages":[{"topic":"a","data":"1"},{"no":"message"},
        {"topic":"$inbox/other/0/1","data":"not for me"},{"topic":"$inbox/me/0/1","data":"2"}]})")));
    EXPECT_EQ(take(sink.events), (Texts{"arrived a 1", "arrived $inbox/me/0/1 2"}));
    const std::string ours = R"({"msgtype":"m.text","body":"by a gateway","junctor":{"hops":"me"}})";
    outbound->answer(200, news("s3", "!own:hs", room_event("m.room.message", R"({"msgtype":"m.text","body":"by somebody"})") + ',' +
                                                    room_event("m.room.message", R"({"body":"by the own user"})", "@me:hs") + ',' +
                                                    room_event("m.room.message", ours, "@me:hs")));
    EXPECT_EQ(take(sink.events), (Texts{"arrived own by somebody", "arrived own by a gateway"}));
    outbound->answer(200, news("s4", "!elsewhere:hs", room_event("m.room.message", R"({"body":"x"})")));
    EXPECT_EQ(take(sink.events), Texts{});
}

/// Threat class 36: what its gateway has sent does not come in by a bridge.
TEST_F(MatrixBackendTest, ABridgeDoesNotHearItsOwn) {
    start(false, "plant");
    come_up();
    outbound->answer(200, news("s2", "!s:hs", room_event("junctor.messages", R"({"messages":[{"topic":"a","hops":"me","data":"own"},
        {"topic":"$to/x","data":"reserved"},{"topic":"a","hops":"other","data":"1"}]})")));
    EXPECT_EQ(take(sink.events), Texts{"arrived a 1"});
}

TEST_F(MatrixBackendTest, AGapIsReadBeforeWhatFollowsIt) {
    start();
    come_up();
    const auto message = [](int i) { return room_event("junctor.messages", R"({"messages":[{"topic":"a","data":")" + std::to_string(i) + R"("}]})"); };
    outbound->answer(200, news("s9", "!s:hs", message(5), R"(,"limited":true,"prev_batch":"t5")"));
    expect("GET /_matrix/client/v3/rooms/%21s%3Ahs/messages?dir=b&limit=100&from=t5&to=s1");
    outbound->answer(200, R"({"chunk":[)" + message(4) + ',' + message(3) + R"(],"end":"t3"})");
    expect("GET /_matrix/client/v3/rooms/%21s%3Ahs/messages?dir=b&limit=100&from=t3&to=s1");
    outbound->answer(200, R"({"chunk":[)" + message(2) + R"(]})");
    EXPECT_EQ(take(sink.events), (Texts{"arrived a 2", "arrived a 3", "arrived a 4", "arrived a 5"}));
    EXPECT_NE(asked().find("since=s9"), std::string::npos);
}

TEST_F(MatrixBackendTest, AGapThatCannotBeReadIsTriedAgainFromBefore) {
    start();
    come_up();
    outbound->answer(200, news("s9", "!s:hs", "", R"(,"limited":true,"prev_batch":"t5")"));
    outbound->fail();
    EXPECT_EQ(take(sink.events), Texts{"away"});
    wait(300ms);
    EXPECT_NE(asked().find("since=s1"), std::string::npos);
}

TEST_F(MatrixBackendTest, GoesOnWhereEverythingWasKept) {
    start(true);
    outbound->answer(200, R"({"user_id":"@me:hs"})");
    expect("GET /_matrix/client/v3/user/%40me%3Ahs/account_data/junctor.position.me");
    outbound->answer(200, R"({"position":"s7"})");
    outbound->answer(200, R"({"room_id":"!s:hs"})");
    outbound->answer(200, R"({"room_id":"!own:hs"})");
    EXPECT_NE(asked().find("since=s7"), std::string::npos);
    outbound->answer(200, news("s8", "!s:hs", room_event("junctor.messages", R"({"messages":[{"topic":"a","qos":1,"data":"1"}]})")));
    look_at_state();
    EXPECT_EQ(take(sink.events), (Texts{"arrived a 1", "available"}));
    const std::size_t before = outbound->all.size();
    wait(2s);
    EXPECT_EQ(outbound->all.size(), before);  // nobody has it durably
    backend.stored(sink.receipts.at(0));
    wait(2s);
    expect("PUT /_matrix/client/v3/user/%40me%3Ahs/account_data/junctor.position.me");
    EXPECT_EQ(outbound->last_body(), R"({"position":"s8"})");
}

TEST_F(MatrixBackendTest, AForgottenPositionIsNoReasonToStayAway) {
    start();
    come_up();
    outbound->answer(400, R"({"errcode":"M_INVALID_PARAM"})");
    EXPECT_EQ(take(sink.events), Texts{"away"});
    wait(300ms);
    EXPECT_EQ(asked().find("since="), std::string::npos);
    outbound->answer(200, R"({"next_batch":"s1"})");
    look_at_state();
    EXPECT_EQ(take(sink.events), Texts{"available"});
}

}  // namespace
}  // namespace junctor::matrix
