#include "tests/unit/connectors/matrix/backend_fixture.hpp"

namespace junctor::matrix {
namespace {

TEST_F(MatrixBackendTest, HistoriesThatBeginAreToldWhatWasBeforeThePosition) {
    keep_history("#");
    backend.recall();
    start(true);
    come_near("s7");
    const std::int64_t now_ms = lone.core.wall().time_since_epoch().count();
    expect("GET /_matrix/client/v3/rooms/%21s%3Ahs/messages?dir=b&limit=100&from=s7&filter=");
    outbound->answer(200, R"({"chunk":[)" + message(3, now_ms - 1'000) + R"(],"end":"t3"})");
    expect("GET /_matrix/client/v3/rooms/%21s%3Ahs/messages?dir=b&limit=100&from=t3&filter=");
    outbound->answer(200, R"({"chunk":[)" + message(2, now_ms - 9'000) + ',' + message(1, now_ms - 10'000) + "]}");
    expect("GET /_matrix/client/v3/rooms/%21own%3Ahs/messages?dir=b&limit=100&from=s7&filter=");
    EXPECT_EQ(take(sink.events), Texts{});
    outbound->answer(200, R"({"chunk":[{"event_id":"$o","sender":"@x:hs","origin_server_ts":)" + std::to_string(now_ms - 5'000) +
                              R"(,"type":"m.room.message","content":{"body":"by somebody"}}]})");
    EXPECT_EQ(take(sink.events), (Texts{"past a 1", "past a 2", "past own by somebody", "past a 3", "told"}));
    EXPECT_EQ(sink.ages, (std::vector<Duration>{10s, 9s, 5s, 1s}));
    for (const Token each : sink.receipts) EXPECT_EQ(each, Token{});
    expect("GET /_matrix/client/v3/sync?timeout=0");
    EXPECT_NE(asked().find("since=s7"), std::string::npos);
    outbound->answer(200, news("s8", "!s:hs", message(4)));
    look_at_state();
    EXPECT_EQ(take(sink.events), (Texts{"arrived a 4", "available"}));
}

TEST_F(MatrixBackendTest, WithoutAPositionHistoriesBeginAnew) {
    keep_history("own");
    start(true);
    outbound->answer(200, R"({"user_id":"@me:hs"})");
    outbound->answer(404, "{}");
    outbound->answer(200, R"({"room_id":"!s:hs"})");
    outbound->answer(200, R"({"room_id":"!own:hs"})");
    expect("GET /_matrix/client/v3/sync?timeout=0");
    outbound->answer(200, news("s1", "!s:hs", message(1)));
    EXPECT_EQ(take(sink.events), Texts{"broken"});
    expect("GET /_matrix/client/v3/rooms/%21s%3Ahs/messages?dir=b&limit=100&from=s1&filter=");
    outbound->answer(200, R"({"chunk":[]})");
    expect("GET /_matrix/client/v3/rooms/%21own%3Ahs/messages");
    outbound->answer(403, R"({"errcode":"M_FORBIDDEN"})");
    EXPECT_EQ(take(sink.events), Texts{"told"});
    expect("GET /_matrix/client/v3/sync?timeout=0");
    EXPECT_NE(asked().find("since=s1"), std::string::npos);
    outbound->answer(200, R"({"next_batch":"s1"})");
    look_at_state();
    EXPECT_EQ(take(sink.events), Texts{"available"});
}

TEST_F(MatrixBackendTest, ThePastIsReadOnWhereItWasAfterwards) {
    keep_history("#");
    backend.recall();
    start(true);
    come_near("s7");
    outbound->answer(200, R"({"chunk":[)" + message(2) + R"(],"end":"t2"})");
    outbound->answer(429, R"({"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2000})");
    const std::size_t before = outbound->all.size();
    wait(1'900ms);
    EXPECT_EQ(outbound->all.size(), before);
    wait(200ms);
    expect("GET /_matrix/client/v3/rooms/%21s%3Ahs/messages?dir=b&limit=100&from=t2&filter=");
    outbound->fail();
    wait(1s);
    outbound->answer(200, "[no page");
    wait(1s);
    expect("GET /_matrix/client/v3/rooms/%21s%3Ahs/messages?dir=b&limit=100&from=t2&filter=");
    outbound->answer(200, R"({"chunk":[)" + message(1) + "]}");
    outbound->answer(200, R"({"chunk":[]})");
    EXPECT_EQ(take(sink.events), (Texts{"past a 1", "past a 2", "told"}));
}

TEST_F(MatrixBackendTest, APastValueIsHistoryAndDoesNotStand) {
    keep_history("#");
    backend.recall();
    start(true);
    come_near("s7");
    outbound->answer(200, R"({"chunk":[)" + state_event("$2", 10, "a", "") + ',' + state_event("$1", 9, "a", "1") + "]}");
    outbound->answer(200, R"({"chunk":[]})");
    EXPECT_EQ(take(sink.events), (Texts{"past a 1 retained", "past a  retained", "told"}));
    outbound->answer(200, R"({"next_batch":"s7"})");
    look_at_state();
    EXPECT_EQ(take(sink.events), Texts{"available"});
    backend.subscribe(*TopicFilter::parse({}, "a"), {});
    answer_last(200, R"({"next_batch":"s7"})");
    EXPECT_EQ(take(sink.events), Texts{"subscribed a ok"});
}

}  // namespace
}  // namespace junctor::matrix
