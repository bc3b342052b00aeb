#include "connectors/matrix/codec.hpp"

#include <gtest/gtest.h>

namespace junctor::matrix {
namespace {

using namespace std::chrono_literals;

TEST(MatrixCodec, ReadsASync) {
    const auto news = read_sync(as_bytes(std::string_view(R"({"next_batch":"s2","rooms":{"join":{"!a:hs":{"timeline":{"limited":true,"prev_batch":"t1","events":[
        {"event_id":"$1","sender":"@a:hs","type":"junctor.messages","content":{"messages":[]}},
        {"event_id":"$2","sender":"@a:hs","type":"m.room.member","state_key":"@a:hs","content":{}},
        {"event_id":"$3","sender":"@a:hs","type":"x","content":"no object"}]}}}}})")));
    ASSERT_TRUE(news);
    EXPECT_EQ(news->next, "s2");
    ASSERT_EQ(news->rooms.size(), 1U);
    const RoomNews& room = news->rooms[0];
    EXPECT_EQ(room.room, "!a:hs");
    EXPECT_TRUE(room.limited);
    EXPECT_EQ(room.before, "t1");
    ASSERT_EQ(room.events.size(), 1U);
    EXPECT_EQ(room.events[0].id, "$1");
    EXPECT_EQ(room.events[0].sender, "@a:hs");
}

TEST(MatrixCodec, ASyncWithoutAnEndIsNone) {
    for (const std::string_view text : {"", "[]", "{}", R"({"next_batch":1})", R"({"next_batch":"s")"}) EXPECT_FALSE(read_sync(as_bytes(text))) << text;
    EXPECT_TRUE(read_sync(as_bytes(std::string_view(R"({"next_batch":"s","rooms":{"join":[]}})"))));
}

TEST(MatrixCodec, DeepDocumentsAreNoneEither) {
    EXPECT_FALSE(read_sync(as_bytes(R"({"next_batch":"s","x":)" + std::string(200, '[') + std::string(200, ']') + "}")));
}

TEST(MatrixCodec, TheLastPageOfMessagesHasNoNext) {
    const auto page = read_messages(as_bytes(std::string_view(R"({"chunk":[{"event_id":"$4","sender":"@b:hs","type":"t","content":{}}],"end":"b"})")));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->events.size(), 1U);
    EXPECT_EQ(page->end, "b");
    EXPECT_EQ(read_messages(as_bytes(std::string_view(R"({"chunk":[],"end":"b"})")))->end, "");
    EXPECT_FALSE(read_messages(as_bytes(std::string_view(R"({"end":"b"})"))));
}

TEST(MatrixCodec, WaitsAsLongAsItIsToldWithinBounds) {
    const auto pause = [](std::string_view body, std::string_view header) { return pause_after(read_refusal(as_bytes(body)), header); };
    EXPECT_EQ(pause(R"({"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2000})", ""), 2s);
    EXPECT_EQ(pause(R"({"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2000})", "3"), 3s);
    EXPECT_EQ(pause("", "1"), 1s);
    EXPECT_EQ(pause("", "soon"), 100ms);
    EXPECT_EQ(pause("{}", "99999999999"), 5min);
    EXPECT_EQ(pause(R"({"retry_after_ms":-5})", ""), 100ms);
    EXPECT_EQ(pause(R"({"retry_after_ms":18446744073709551615})", ""), 5min);
}

TEST(MatrixCodec, ATransactionIsWhatHappenedInRooms) {
    const auto pushed = read_transaction(as_bytes(std::string_view(R"({"events":[
        {"event_id":"$1","room_id":"!a:hs","sender":"@b:hs","type":"t","content":{"n":1}},
        {"event_id":"$2","room_id":"!a:hs","sender":"@b:hs","type":"m.room.member","state_key":"@b:hs","content":{}},
        {"event_id":"$3","sender":"@b:hs","type":"t","content":{}}, 7,
        {"event_id":"$4","room_id":"!b:hs","sender":"@b:hs","type":"t","content":{}}],"ephemeral":[{"type":"m.typing"}]})")));
    ASSERT_TRUE(pushed);
    ASSERT_EQ(pushed->size(), 2U);
    EXPECT_EQ((*pushed)[0].room, "!a:hs");
    EXPECT_EQ((*pushed)[0].event.content["n"], 1);
    EXPECT_EQ((*pushed)[1].event.id, "$4");
    EXPECT_TRUE(read_transaction(as_bytes(std::string_view(R"({"events":[]})"))));
    for (const std::string_view none : {"", "[]", "{}", R"({"events":7})", R"({"events":[)"}) EXPECT_FALSE(read_transaction(as_bytes(none))) << none;
}

TEST(MatrixCodec, OfTheStateOnlyRetainedValuesAreRead) {
    const auto state = read_state(as_bytes(std::string_view(R"([{"event_id":"$1","origin_server_ts":5,"sender":"@b:hs","type":"junctor.retained","state_key":"0:a","content":{}},
        {"event_id":"$2","sender":"@b:hs","type":"junctor.retained","content":{}}, {"event_id":"$3","sender":"@b:hs","type":"m.room.name","state_key":"","content":{}},
        {"event_id":"$4","origin_server_ts":-1,"type":"junctor.retained","state_key":"","content":{}},
        {"event_id":"$5","origin_server_ts":18446744073709551615,"type":"junctor.retained","state_key":"","content":{}}])")));
    ASSERT_TRUE(state);
    ASSERT_EQ(state->size(), 3U);
    EXPECT_EQ((*state)[0].state_key, "0:a");
    EXPECT_EQ((*state)[0].at_ms, 5);
    EXPECT_EQ((*state)[1].at_ms, 0);
    EXPECT_EQ((*state)[2].at_ms, 0);
    EXPECT_FALSE(read_state(as_bytes(std::string_view("{}"))));
    EXPECT_FALSE(read_state(as_bytes(std::string_view("["))));
}

TEST(MatrixCodec, AnEventAloneIsReadLikeOneOfATimeline) {
    const auto event = read_event(as_bytes(std::string_view(R"({"event_id":"$1","room_id":"!a:hs","sender":"@b:hs","type":"t","content":{"n":1},"origin_server_ts":5})")));
    ASSERT_TRUE(event);
    EXPECT_EQ(event->id, "$1");
    EXPECT_EQ(event->at_ms, 5);
    for (const std::string_view none : {"", "[]", "{}", R"({"event_id":"$1","type":"t"})", R"({"event_id":"$1","type":"m.room.member","state_key":"","content":{}})"})
        EXPECT_FALSE(read_event(as_bytes(none))) << none;
}

TEST(MatrixCodec, AMemberIsReadWhateverItIs) {
    EXPECT_EQ(read_any(as_bytes(std::string_view(R"({"order":{"n":1}})")), "order")["n"], 1);
    for (const std::string_view none : {"", "7", "{}", R"({"order":null})"}) EXPECT_TRUE(read_any(as_bytes(none), "order").is_null()) << none;
}

TEST(MatrixCodec, ListsOfTextsAreReadWithoutTheRest) {
    EXPECT_EQ(read_members(as_bytes(std::string_view(R"({"transactions":["1",2,"3"]})")), "transactions"), (std::vector<std::string>{"1", "3"}));
    EXPECT_TRUE(read_members(as_bytes(std::string_view(R"({"transactions":"1"})")), "transactions").empty());
    EXPECT_TRUE(read_members(as_bytes(std::string_view("7")), "transactions").empty());
}

}  // namespace
}  // namespace junctor::matrix
