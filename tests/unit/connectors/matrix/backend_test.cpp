#include "connectors/matrix/backend.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_outbound.hpp"
#include "tests/support/lone_core.hpp"

namespace junctor::matrix {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

struct FakeSink final : BackendSink {
    Delivered deliver(const EnvelopePtr&) noexcept override { return {}; }
    void arrived(Arrival&& arrival) noexcept override {
        events.push_back(std::string(arrival.past ? "past " : arrival.replayed ? "replayed " : "arrived ") + std::string(arrival.draft.topic.text()) + " " + std::string(as_text(arrival.draft.payload)) +
                         (arrival.draft.retain ? " retained" : ""));
        receipts.push_back(arrival.receipt);
        if (arrival.past) ages.push_back(arrival.age);
    }
    void taken(std::span<const BackendReceipt> receipts_) noexcept override {
        for (const BackendReceipt& each : receipts_) events.push_back(std::to_string(each.ticket.token.value) + " " + std::string(to_string(each.code)));
    }
    void subscribed(const TopicFilter& filter, std::string_view, Errc code) noexcept override {
        events.push_back("subscribed " + filter.text() + " " + std::string(to_string(code)));
    }
    void available(bool yes) noexcept override { events.push_back(yes ? "available" : "away"); }
    HistoryRulesPtr history_rules() const noexcept override { return rules; }
    void history_broken() noexcept override { events.push_back("broken"); }
    void past_told() noexcept override { events.push_back("told"); }

    Texts events;
    std::vector<Token> receipts;
    std::vector<Duration> ages;
    HistoryRulesPtr rules = std::make_shared<const HistoryRules>();
};

class MatrixBackendTest : public ::testing::Test {
protected:
    void start(bool lasting = false, const std::string& bridge = {}) {
        backend.start(sink, {lone.core, "me", lasting, [](std::function<void()> task) { task(); }, nullptr, bridge});
    }
    ~MatrixBackendTest() override { backend.stop(); }

    static BackendSettings settings() {
        BackendSettings settings;
        settings.url = Url::parse("http://127.0.0.1:8008");
        settings.token = "canary";
        settings.room = "#shared:hs";
        settings.rooms = {{"own", "!own:hs"}};
        settings.members = {"@two:hs"};
        settings.waiting = 4;
        return settings;
    }
    static Texts take(Texts& from) { return std::exchange(from, {}); }
    std::string asked() { return outbound->last().method + ' ' + outbound->last().url.path; }
    void expect(const std::string& what) { EXPECT_EQ(asked().substr(0, what.size()), what); }
    void come_up(const std::string& first_sync = R"({"next_batch":"s1"})", const std::string& standing = {}) {
        expect("GET /_matrix/client/v3/account/whoami");
        outbound->answer(200, R"({"user_id":"@me:hs"})");
        expect("POST /_matrix/client/v3/join/%23shared%3Ahs");
        outbound->answer(200, R"({"room_id":"!s:hs"})");
        expect("POST /_matrix/client/v3/join/%21own%3Ahs");
        outbound->answer(200, R"({"room_id":"!own:hs"})");
        expect("GET /_matrix/client/v3/sync?timeout=0");
        outbound->answer(200, first_sync);
        look_at_state(standing);
        EXPECT_EQ(take(sink.events), Texts{"available"});
    }
    /// What stands in the shared room, and nothing in the other one.
    void look_at_state(const std::string& standing = {}) {
        expect("GET /_matrix/client/v3/rooms/%21s%3Ahs/state");
        outbound->answer(200, '[' + standing + ']');
        expect("GET /_matrix/client/v3/rooms/%21own%3Ahs/state");
        outbound->answer(200, "[]");
        expect("GET /_matrix/client/v3/sync?timeout=25000");
    }
    /// The homeserver is asked what there is by now, and says that there is nothing new.
    void subscribe(const std::string& filter) {
        backend.subscribe(*TopicFilter::parse({}, filter), {});
        EXPECT_EQ(take(sink.events), Texts{});
        expect("GET /_matrix/client/v3/sync?timeout=0");
        answer_last(200, R"({"next_batch":"s1"})");
        expect("GET /_matrix/client/v3/sync?timeout=25000");
    }
    void publish(const std::string& topic, const std::string& payload, std::uint64_t token, const PrincipalRef& publisher = nullptr, bool retain = false) {
        Draft draft;
        draft.retain = retain;
        draft.topic = *Topic::parse({}, topic);
        draft.payload = as_bytes(payload);
        draft.qos = Qos::at_least_once;
        backend.publish(Envelope::make(std::move(draft), {{}, {}, publisher, lone.core.now()}), {{}, {token}});
    }
    /// Answers the request that was made last, whatever else is open.
    void answer_last(unsigned status, const std::string& body, std::vector<Header> headers = {}) {
        std::rotate(outbound->open.begin(), outbound->open.end() - 1, outbound->open.end());
        outbound->answer(status, body, std::move(headers));
    }
    void wait(Duration time) { lone.advance(time); }
    static std::string room_event(const std::string& type, const std::string& content, const std::string& sender = "@two:hs") {
        return R"({"event_id":"$e","sender":")" + sender + R"(","type":")" + type + R"(","content":)" + content + "}";
    }
    static std::string state_event(const std::string& id, int at_ms, const std::string& topic, const std::string& payload, const std::string& key = {}) {
        return R"({"event_id":")" + id + R"(","origin_server_ts":)" + std::to_string(at_ms) + R"(,"sender":"@two:hs","type":"junctor.retained","state_key":")" +
               (key.empty() ? "0:" + topic : key) + R"(","content":{"transaction":"t","junctor":{"topic":")" + topic + '"' +
               (payload.empty() ? "" : R"(,"data":")" + payload + '"') + "}}}";
    }
    static std::string news(const std::string& next, const std::string& room, const std::string& events, const std::string& more = "") {
        return R"({"next_batch":")" + next + R"(","rooms":{"join":{")" + room + R"(":{"timeline":{"events":[)" + events + "]" + more + "}}}}}";
    }

    void keep_history(const char* filter) {
        sink.rules = std::make_shared<const HistoryRules>(std::vector<HistoryRule>{{*TopicFilter::parse({}, filter), {100, 1 << 20, Duration::max()}}});
    }
    /// Up to the rooms, where a position is known.
    void come_near(const std::string& position) {
        outbound->answer(200, R"({"user_id":"@me:hs"})");
        outbound->answer(200, R"({"position":")" + position + R"("})");
        outbound->answer(200, R"({"room_id":"!s:hs"})");
        outbound->answer(200, R"({"room_id":"!own:hs"})");
    }
    static std::string message(int number, std::int64_t at_ms = 0) {
        return R"({"event_id":"$)" + std::to_string(number) + R"(","sender":"@two:hs","origin_server_ts":)" + std::to_string(at_ms) +
               R"(,"type":"junctor.messages","content":{"messages":[{"topic":"a","data":")" + std::to_string(number) + R"("}]}})";
    }

    test::LoneCore lone;
    FakeSink sink;
    std::shared_ptr<test::FakeOutbound> outbound = std::make_shared<test::FakeOutbound>();
    MatrixBackend backend{settings(), [this](const BackendPlace&) { return outbound; }};
};

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
