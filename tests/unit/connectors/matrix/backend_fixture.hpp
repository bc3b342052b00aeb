#pragma once

#include <gtest/gtest.h>

#include "connectors/matrix/backend.hpp"
#include "tests/support/fake_outbound.hpp"
#include "tests/support/lone_core.hpp"

namespace junctor::matrix {

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

/// A backend on a core of its own, whose homeserver answers what the test says.
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

}  // namespace junctor::matrix
