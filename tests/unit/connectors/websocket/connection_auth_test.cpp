#include "tests/unit/connectors/websocket/connection_fixture.hpp"

namespace junctor::websocket {
namespace {

constexpr const char* token_frame = R"({"op":"auth","id":1,"token":"t"})";

TEST_F(ConnectionTest, WhoShowsNothingMayShowItInTheFirstFrame) {
    gate.denial = "who are you?";
    connect("");
    EXPECT_FALSE(stream.closed_as);
    EXPECT_EQ(stream.pauses, 0) << "its frame is awaited";
    EXPECT_EQ(stream.deadline, lone.limits.handshake_timeout);
    EXPECT_EQ(stream.handler().receive_limit(), lone.limits.unauthenticated_packet);
    EXPECT_FALSE(stream.is_established);
    gate.denial.clear();
    EXPECT_EQ(answer_to(token_frame), R"({"op":"ack","id":1})");
    EXPECT_EQ(gate.credentials.back().bearer, "t");
    EXPECT_EQ(gate.credentials.back().peer, stream.remote.address);
    EXPECT_TRUE(stream.is_established);
    EXPECT_EQ(gate.session, nullptr) << "a `hello` may follow";
    stream.receive(R"({"op":"hello","id":2,"name":"n"})");
    EXPECT_TRUE(stream.moved_to);
}

TEST_F(ConnectionTest, WhoSaysSomethingElseFirstHearsWhyItIsNotHeard) {
    for (const char* frame : {R"({"op":"publish","id":1,"topic":"t"})", R"({"op":"hello","name":"n"})", R"({"op":"ping"})", "garbage"}) {
        gate.denial = "who are you?";
        connect("");
        EXPECT_EQ(answer_to(frame), R"({"op":"error","code":"not_authenticated","reason":"who are you?"})") << frame;
        EXPECT_EQ(stream.closed_as, CloseReason::not_authenticated);
        stream.finish(CloseReason::connection_lost);
        stream.closed_as.reset();
    }
    EXPECT_TRUE(gate.published.empty());
}

TEST_F(ConnectionTest, WhoSaysNothingAtAllIsGoneWithTheHandshakesTime) {
    gate.denial = "who are you?";
    connect("");
    stream.handler().timed_out();
    EXPECT_EQ(stream.closed_as, CloseReason::not_authenticated);
}

TEST_F(ConnectionTest, WrongCredentialsInTheFirstFrameEndTheConnection) {
    gate.denial = "no";
    connect("");
    EXPECT_EQ(answer_to(token_frame), R"({"op":"error","code":"not_authenticated","reason":"no"})");
    EXPECT_EQ(stream.closed_as, CloseReason::not_authenticated);
}

TEST_F(ConnectionTest, NothingIsReadWhileTheFirstFrameIsJudged) {
    gate.denial = "who are you?";
    connect("");
    gate.holds_authentication = true;
    stream.receive(token_frame);
    EXPECT_EQ(stream.pauses, 1);
    gate.finish_authentication();
    EXPECT_EQ(stream.pauses, 0);
    EXPECT_EQ(as_text(stream.sent), R"({"op":"ack","id":1})");
}

TEST_F(ConnectionTest, AMethodHasItsConversation) {
    gate.denial = "who are you?";
    connect("");
    gate.holds_authentication = true;
    stream.receive(R"({"op":"auth","id":1,"method":"m","data":"first"})");
    EXPECT_EQ(gate.credentials.back().method, "m");
    EXPECT_EQ(as_text(gate.credentials.back().data), "first");
    gate.challenge("prove it");
    EXPECT_EQ(as_text(stream.sent), R"({"op":"challenge","id":1,"data":"prove it"})");
    EXPECT_EQ(stream.pauses, 0);
    stream.sent.clear();
    stream.receive(R"({"op":"auth","id":2,"data":"proof"})");
    EXPECT_EQ(gate.responses, std::vector<std::string>{"proof"});
    gate.finish_authentication();
    EXPECT_EQ(as_text(stream.sent), R"({"op":"ack","id":2})");
    EXPECT_EQ(answer_to(R"({"op":"publish","id":3,"topic":"t"})"), R"({"op":"ack","id":3})");
}

TEST_F(ConnectionTest, AnythingButTheAnswerToAChallengeEndsTheConnection) {
    gate.denial = "who are you?";
    connect("");
    gate.holds_authentication = true;
    stream.receive(R"({"op":"auth","id":1,"method":"m"})");
    gate.challenge();
    stream.receive(R"({"op":"publish","topic":"t"})");
    EXPECT_EQ(stream.closed_as, CloseReason::not_authenticated);
    EXPECT_TRUE(gate.published.empty());
}

TEST_F(ConnectionTest, AnAuthWithoutAnythingShownIsAnError) {
    connect();
    EXPECT_NE(answer_to(R"({"op":"auth","id":1,"data":"x"})").find("bad_request"), std::string::npos);
    EXPECT_EQ(gate.credentials.size(), 1u);
}

TEST_F(ConnectionTest, AnOpenSessionIsProvenAgainInPlace) {
    Connection& connection = connect();
    answer_to(R"({"op":"publish","id":1,"topic":"t"})");
    const PrincipalRef before = connection.principal();
    EXPECT_EQ(answer_to(R"({"op":"auth","id":2,"token":"newer"})"), R"({"op":"ack","id":2})");
    EXPECT_NE(connection.principal(), before);
    EXPECT_EQ(connection.principal()->name, before->name);
    EXPECT_EQ(gate.session, &connection);
}

TEST_F(ConnectionTest, NobodyBecomesSomebodyElse) {
    Connection& connection = connect();
    answer_to(R"({"op":"publish","id":1,"topic":"t"})");
    gate.renew_code = Errc::denied;
    EXPECT_EQ(answer_to(R"({"op":"auth","id":2,"token":"other"})"),
              R"({"op":"error","id":2,"code":"denied","reason":"an open session stays its principal's"})");
    EXPECT_EQ(connection.principal()->name, "tester");
    gate.denial = "expired";
    EXPECT_EQ(answer_to(R"({"op":"auth","id":3,"token":"old"})"), R"({"op":"error","id":3,"code":"denied","reason":"expired"})");
    EXPECT_FALSE(stream.closed_as) << "what it showed before still holds";
    EXPECT_EQ(answer_to(R"({"op":"publish","id":4,"topic":"t"})"), R"({"op":"ack","id":4})");
}

TEST_F(ConnectionTest, WorkGoesOnWhileAnOpenSessionIsProvenAgain) {
    connect();
    answer_to(R"({"op":"publish","id":1,"topic":"t"})");
    gate.holds_authentication = true;
    EXPECT_EQ(answer_to(R"({"op":"auth","id":2,"token":"newer"})"), "");
    EXPECT_EQ(answer_to(R"({"op":"publish","id":3,"topic":"t"})"), R"({"op":"ack","id":3})");
    EXPECT_NE(answer_to(R"({"op":"auth","id":4,"token":"newest"})").find("bad_request"), std::string::npos);
    stream.sent.clear();
    gate.finish_authentication();
    EXPECT_EQ(as_text(stream.sent), R"({"op":"ack","id":2})");
}

}  // namespace
}  // namespace junctor::websocket
