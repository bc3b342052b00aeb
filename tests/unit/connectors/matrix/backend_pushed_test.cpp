#include "tests/unit/connectors/matrix/pushed_fixture.hpp"

namespace junctor::matrix {
namespace {

using MatrixBackendPushed = PushedFixture;

TEST_F(MatrixBackendPushed, IsThereWhenTheHomeserverHasReachedIt) {
    start();
    come_near();
    EXPECT_EQ(heard(), Texts{});
    expect_ping(502, R"({"errcode":"M_CONNECTION_FAILED","error":"refused"})");
    EXPECT_EQ(heard(), Texts{});
    lone.advance(1s);
    expect_ping();
    EXPECT_EQ(heard(), Texts{"available"});
    for (const auto& each : outbound->all) EXPECT_EQ(each->request.url.path.find("/sync"), std::string::npos);
}

TEST_F(MatrixBackendPushed, ItsUserIsMadeWhereItIsNotThereYet) {
    start();
    const nlohmann::json body = nlohmann::json::parse(outbound->last_body());
    EXPECT_EQ(body["username"], "junctor-1");
    EXPECT_EQ(body["type"], "m.login.application_service");
    expect("POST /_matrix/client/v3/register");
    expect("GET /_matrix/client/v3/account/whoami", 401, R"({"errcode":"M_UNKNOWN_TOKEN"})");
    lone.advance(1s);
    expect("GET /_matrix/client/v3/account/whoami", 200, R"({"user_id":"@junctor-1:hs"})");
}

TEST_F(MatrixBackendPushed, WhatHasNoGuaranteeIsAnsweredWhenItIsWrittenDown) {
    come_up();
    push("8", shared(R"({"topic":"a","data":"1"})") + ',' + text("by the own user", "@junctor-1:hs") + ',' + text("elsewhere", "@x:hs", "!other:hs"));
    EXPECT_EQ(heard(), Texts{"a 1"});
    EXPECT_EQ(answered(), Texts{});
    expect_kept(R"(["7","8"])");
    EXPECT_EQ(answered(), Texts{"8 taken"});
}

TEST_F(MatrixBackendPushed, WhatHasOneIsAnsweredWhenEverybodyHasIt) {
    come_up();
    push("8", shared(R"({"topic":"a","qos":1,"data":"1"},{"topic":"a","qos":1,"data":"2"})"));
    EXPECT_EQ(heard(), (Texts{"a 1", "a 2"}));
    const std::size_t before = outbound->all.size();
    backend.stored(sink.receipts.at(0));
    EXPECT_EQ(outbound->all.size(), before);
    backend.stored(sink.receipts.at(1));
    EXPECT_EQ(answered(), Texts{});
    expect_kept(R"(["7","8"])");
    EXPECT_EQ(answered(), Texts{"8 taken"});
}

TEST_F(MatrixBackendPushed, ATransactionThatComesAgainDeliversNothingAgain) {
    come_up();
    push("7", shared(R"({"topic":"a","data":"of the last run"})"));
    EXPECT_EQ(answered(), Texts{"7 taken"});
    push("8", text("hello"));
    EXPECT_EQ(heard(), Texts{"own hello"});
    push("8", text("hello"));
    EXPECT_EQ(heard(), Texts{});
    EXPECT_EQ(answered(), Texts{"8 again"}) << "who asked first has gone";
    backend.stored(sink.receipts.at(0));
    expect_kept(R"(["7","8"])");
    EXPECT_EQ(answered(), Texts{"8 taken"});
    push("8", text("hello"));
    EXPECT_EQ(answered(), Texts{"8 taken"});
    EXPECT_EQ(heard(), Texts{});
}

TEST_F(MatrixBackendPushed, AGatewayWithoutANameWritesNothingDown) {
    come_up(false);
    const std::size_t before = outbound->all.size();
    push("1", shared(R"({"topic":"a","data":"1"})"));
    EXPECT_EQ(answered(), Texts{"1 taken"});
    EXPECT_EQ(outbound->all.size(), before);
}

/// A refusal would tell the homeserver that the gateway is away, at every start.
TEST_F(MatrixBackendPushed, WhatComesBeforeTheGatewayIsReadyWaits) {
    start();
    push("8", text("early"));
    push("9", text("later"));
    EXPECT_EQ(answered(), Texts{});
    EXPECT_EQ(heard(), Texts{});
    come_to_the_rooms();
    EXPECT_EQ(heard(), (Texts{"own early", "own later"}));
    EXPECT_EQ(answered(), Texts{});
    for (const Token each : sink.receipts) backend.stored(each);
    EXPECT_EQ(answered(), Texts{});
}

TEST_F(MatrixBackendPushed, ItDoesNotWaitForEver) {
    start();
    push("8", text("early"));
    lone.advance(10s);
    push("8", text("early"));
    EXPECT_EQ(answered(), Texts{"8 again"}) << "who asked first has gone";
    push("9", text("later"));
    lone.advance(11s);
    EXPECT_EQ(answered(), Texts{"8 again"});
    lone.advance(10s);
    EXPECT_EQ(answered(), Texts{"9 again"});
}

TEST_F(MatrixBackendPushed, NorForAHomeserverThatDoesNotLetTheGatewayIn) {
    start();
    push("8", text("early"));
    outbound->fail();
    lone.advance(21s);
    EXPECT_EQ(answered(), Texts{"8 again"});
    push("9", text("early"));
    backend.stop();
    EXPECT_EQ(answered(), Texts{"9 again"});
}

TEST_F(MatrixBackendPushed, NoMoreThanAFewWait) {
    start();
    for (std::size_t i = 0; i < WaitingTransactions::most; ++i) push(std::to_string(10 + i), text("x"));
    EXPECT_EQ(answered(), Texts{});
    push("99", text("x"));
    EXPECT_EQ(answered(), Texts{"99 again"});
}

TEST_F(MatrixBackendPushed, WhatCannotBeKeptIsDeliveredAnew) {
    come_up();
    push("8", text("hello"));
    EXPECT_EQ(heard(), Texts{"own hello"});
    lone.advance(31s);
    push("8", text("hello"));
    EXPECT_EQ(heard(), Texts{"own hello"});
    EXPECT_EQ(answered(), Texts{"8 again"});
    backend.stored(sink.receipts.at(0));  // of the first time: too late
    EXPECT_EQ(answered(), Texts{});
    backend.stored(sink.receipts.at(1));
    expect_kept(R"(["7","8"])");
    EXPECT_EQ(answered(), Texts{"8 taken"});
}

TEST_F(MatrixBackendPushed, WhatCannotBeWrittenDownIsAnsweredAllTheSame) {
    come_up();
    push("8", shared(R"({"topic":"a","data":"1"})"));
    expect_kept(R"(["7","8"])", 500);
    EXPECT_EQ(answered(), Texts{"8 taken"});
    push("9", "");
    expect_kept(R"(["7","8","9"])");
}

TEST_F(MatrixBackendPushed, MoreThanCanBeUnderWayComesAgain) {
    come_up();
    for (std::size_t i = 0; i < Transactions::most_under_way; ++i) push(std::to_string(10 + i), text("x"));
    EXPECT_EQ(answered(), Texts{});
    push("99", text("x"));
    EXPECT_EQ(answered(), Texts{"99 again"});
}

TEST_F(MatrixBackendPushed, PingsShowThatTheHomeserverHasGone) {
    come_up();
    lone.advance(21s);
    expect_ping();
    expect_looks();
    lone.advance(21s);
    outbound->fail();
    EXPECT_EQ(heard(), Texts{"away"});
    push("8", shared(R"({"topic":"a","data":"it is there after all"})"));
    EXPECT_EQ(heard(), Texts{"a it is there after all"});
    expect_kept(R"(["7","8"])");
    EXPECT_EQ(answered(), Texts{"8 taken"});
    lone.advance(1s);
    expect_ping();
    EXPECT_EQ(heard(), Texts{"available"});
}

TEST_F(MatrixBackendPushed, WhatWasNotWrittenDownWhenItWentIsWhenItIsBack) {
    come_up();
    lone.advance(21s);
    push("8", shared(R"({"topic":"a","data":"1"})"));
    outbound->fail();
    EXPECT_EQ(heard(), (Texts{"a 1", "away"}));
    lone.advance(1s);
    expect_ping();
    EXPECT_EQ(answered(), Texts{});
    expect_kept(R"(["7","8"])");
    EXPECT_EQ(answered(), Texts{"8 taken"});
}

/// What stands is asked for by itself there, and what is on its way waited for, so that nobody gets it twice.
TEST_F(MatrixBackendPushed, WhatStandsIsReplayedWhenItHasCome) {
    come_up(false);
    const std::string one = value("$1", "a", "1");
    backend.subscribe(*TopicFilter::parse({}, "a"), {});
    backend.subscribe(*TopicFilter::parse({}, "own"), {});
    expect("GET /_matrix/client/v3/rooms/%21s%3Ahs/state", 200, '[' + one + ']');
    EXPECT_EQ(heard(), Texts{});
    push("8", one);
    EXPECT_EQ(heard(), (Texts{"a 1", "replayed a 1", "subscribed a"}));
    expect("GET /_matrix/client/v3/rooms/%21s%3Ahs/state", 200, '[' + one + ']');
    expect("GET /_matrix/client/v3/rooms/%21own%3Ahs/state", 200, "[]");
    EXPECT_EQ(heard(), Texts{"subscribed own"});
}

TEST_F(MatrixBackendPushed, ARoomThatItWasPutOutOfIsNoReasonToStayAway) {
    come_up();
    backend.subscribe(*TopicFilter::parse({}, "own"), {});
    expect("GET /_matrix/client/v3/rooms/%21s%3Ahs/state", 200, "[]");
    expect("GET /_matrix/client/v3/rooms/%21own%3Ahs/state", 403, R"({"errcode":"M_FORBIDDEN"})");
    EXPECT_EQ(heard(), Texts{"subscribed own"});
}

TEST_F(MatrixBackendPushed, WhatDoesNotComeIsNotWaitedForForever) {
    come_up();
    backend.subscribe(*TopicFilter::parse({}, "a"), {});
    expect("GET /_matrix/client/v3/rooms/%21s%3Ahs/state", 200, '[' + value("$1", "a", "1") + ']');
    lone.advance(6s);
    EXPECT_EQ(heard(), (Texts{"replayed a 1", "subscribed a"}));
}

/// What was read back may be pushed as well: subscribers get it then, and histories have it.
TEST_F(MatrixBackendPushed, HistoriesAreToldThePastBeforeAnythingIsTaken) {
    sink.rules = std::make_shared<const HistoryRules>(std::vector<HistoryRule>{{*TopicFilter::parse({}, "a/#"), {100, 1 << 20, Duration::max()}}});
    backend.recall();
    start();
    come_to_the_rooms();
    push("8", shared(R"({"topic":"a","data":"1"})"));
    EXPECT_EQ(heard(), Texts{});
    const std::string past = R"({"event_id":"$past","origin_server_ts":50,"room_id":"!s:hs","sender":"@two:hs","type":"junctor.messages",)"
                             R"("content":{"messages":[{"topic":"a","data":"0"}]}})";
    expect("GET /_matrix/client/v3/rooms/%21s%3Ahs/messages?dir=b&limit=100&filter=", 200, R"({"chunk":[)" + past + "]}");
    EXPECT_EQ(heard(), (Texts{"past a 0", "past told", "a 1"}));
    push("9", past);
    EXPECT_EQ(heard(), Texts{"told a 0"});
}

}  // namespace
}  // namespace junctor::matrix
