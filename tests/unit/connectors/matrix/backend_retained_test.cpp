#include "tests/unit/connectors/matrix/backend_fixture.hpp"

namespace junctor::matrix {
namespace {

TEST_F(MatrixBackendTest, ARetainedValueIsStateOfItsRoom) {
    start();
    come_up();
    publish("a/b", "x", 1, nullptr, true);
    expect("PUT /_matrix/client/v3/rooms/%21s%3Ahs/state/junctor.retained/0%3Aa%2Fb");
    const nlohmann::json first = nlohmann::json::parse(outbound->last_body());
    EXPECT_EQ(first["junctor"]["data"], "x");
    EXPECT_EQ(first["junctor"]["topic"], "a/b");
    publish("a/b", "x", 2, nullptr, true);
    publish("a/c", "not retained", 3);
    answer_last(200, R"({"event_id":"$1"})");
    expect("PUT /_matrix/client/v3/rooms/%21s%3Ahs/state/junctor.retained/0%3Aa%2Fb");
    EXPECT_NE(nlohmann::json::parse(outbound->last_body())["transaction"], first["transaction"]) << "or the homeserver would take it for the same";
    answer_last(200, R"({"event_id":"$2"})");
    expect("PUT /_matrix/client/v3/rooms/%21s%3Ahs/send/junctor.messages/");
    publish("own", "y", 4, nullptr, true);
    answer_last(200, R"({"event_id":"$3"})");
    expect("PUT /_matrix/client/v3/rooms/%21own%3Ahs/state/junctor.retained/");
    EXPECT_TRUE(asked().ends_with("/junctor.retained/"));
    answer_last(200, R"({"event_id":"$4"})");
    EXPECT_EQ(take(sink.events), (Texts{"1 ok", "2 ok", "3 ok", "4 ok"}));
}

TEST_F(MatrixBackendTest, WhatARoomDoesNotLetStandIsDenied) {
    start();
    come_up();
    publish("a", "x", 1, nullptr, true);
    answer_last(403, R"({"errcode":"M_FORBIDDEN"})");
    publish(std::string(254, 't'), "x", 2, nullptr, true);
    publish("a", std::string(largest_payload, '\xff'), 3, nullptr, true);
    publish("large/headers" + std::string(200, 't'), std::string(most_content, 'x'), 4, nullptr, true);
    EXPECT_EQ(take(sink.events), (Texts{"1 denied", "2 too_large", "4 too_large"}));
}

TEST_F(MatrixBackendTest, WhatStandsIsReplayedToWhoSubscribes) {
    start();
    come_up(R"({"next_batch":"s1"})", state_event("$1", 10, "a/b", "1") + ',' + state_event("$2", 10, "a/c", "2") + ',' + state_event("$3", 10, "other", "3") +
                                          R"(,{"event_id":"$m","type":"m.room.member","state_key":"@me:hs","content":{}})");
    subscribe("nothing");
    EXPECT_EQ(take(sink.events), Texts{"subscribed nothing ok"});
    subscribe("a/#");
    EXPECT_EQ(take(sink.events), (Texts{"replayed a/b 1 retained", "replayed a/c 2 retained", "subscribed a/# ok"}));
    subscribe("other");
    EXPECT_EQ(take(sink.events), (Texts{"replayed other 3 retained", "subscribed other ok"}));
}

TEST_F(MatrixBackendTest, WhatWasTakenBeforeIsAmongWhatIsReplayed) {
    start();
    come_up();
    backend.subscribe(*TopicFilter::parse({}, "a"), {});
    backend.subscribe(*TopicFilter::parse({}, "b"), {});
    backend.subscribe(*TopicFilter::parse({}, "c"), {});
    expect("GET /_matrix/client/v3/sync?timeout=0");
    answer_last(200, news("s2", "!s:hs", state_event("$1", 10, "a", "1") + ',' + state_event("$2", 10, "b", "2")));
    EXPECT_EQ(take(sink.events), (Texts{"arrived a 1 retained", "arrived b 2 retained", "replayed a 1 retained", "subscribed a ok"}));
    expect("GET /_matrix/client/v3/sync?timeout=0");
    answer_last(200, R"({"next_batch":"s2"})");
    EXPECT_EQ(take(sink.events), (Texts{"replayed b 2 retained", "subscribed b ok", "subscribed c ok"}));
    expect("GET /_matrix/client/v3/sync?timeout=25000");
}

TEST_F(MatrixBackendTest, WhatComesIsWhatStandsFromThenOn) {
    start();
    come_up(R"({"next_batch":"s1"})", state_event("$5", 10, "a", "5"));
    outbound->answer(200, news("s2", "!s:hs", state_event("$4", 9, "a", "4") + ',' + state_event("$5", 10, "a", "5") + ',' + state_event("$6", 11, "b", "6") + ',' +
                                                  state_event("$7", 12, "b", "")));
    EXPECT_EQ(take(sink.events), (Texts{"arrived a 4", "arrived a 5 retained", "arrived b 6 retained", "arrived b  retained"}));
    subscribe("#");
    EXPECT_EQ(take(sink.events), (Texts{"replayed a 5 retained", "subscribed # ok"}));
}

TEST_F(MatrixBackendTest, AValueStandsUnderItsOwnKeyOrNotAtAll) {
    start();
    come_up(R"({"next_batch":"s1"})", state_event("$1", 10, "a", "1", "0:b") + ',' + state_event("$2", 10, "$SYS/x", "2") +
                                          R"(,{"event_id":"$3","type":"junctor.retained","state_key":"0:c","content":{}},
                                             {"event_id":"$4","type":"junctor.retained","state_key":7,"content":{"junctor":{"topic":"d"}}},
                                             {"event_id":"$5","type":"junctor.retained","content":{"junctor":{"topic":"e"}}})");
    subscribe("#");
    EXPECT_EQ(take(sink.events), Texts{"subscribed # ok"});
}

TEST_F(MatrixBackendTest, AValueStandsAsLongAsItHasLeft) {
    start();
    const std::int64_t now_ms = lone.core.wall().time_since_epoch().count();
    const auto with_ttl = [&](const std::string& topic, std::int64_t age_ms) {
        return R"({"event_id":"$1","origin_server_ts":)" + std::to_string(now_ms - age_ms) + R"(,"type":"junctor.retained","state_key":"0:)" + topic +
               R"(","content":{"junctor":{"topic":")" + topic + R"(","ttlMs":5000,"data":"x"}}})";
    };
    come_up(R"({"next_batch":"s1"})", with_ttl("gone", 6'000) + ',' + with_ttl("there", 4'000));
    subscribe("#");
    EXPECT_EQ(take(sink.events), (Texts{"replayed there x retained", "subscribed # ok"}));
}

TEST_F(MatrixBackendTest, WhoSubscribesWhenTheHomeserverGoesHearsNothingMore) {
    start();
    come_up(R"({"next_batch":"s1"})", state_event("$1", 10, "a", "1"));
    backend.subscribe(*TopicFilter::parse({}, "a"), {});
    outbound->fail();
    EXPECT_EQ(take(sink.events), Texts{"away"});
    wait(300ms);
    outbound->answer(200, R"({"next_batch":"s1"})");
    EXPECT_EQ(take(sink.events), Texts{"available"});
}

}  // namespace
}  // namespace junctor::matrix
