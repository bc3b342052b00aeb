#pragma once

#include <gtest/gtest.h>

#include <stdexcept>

#include "connectors/matrix/backend.hpp"
#include "tests/support/fake_exchange.hpp"
#include "tests/support/fake_host.hpp"
#include "tests/support/fake_outbound.hpp"
#include "tests/support/lone_core.hpp"

namespace junctor::matrix {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

struct Heard final : BackendSink {
    Delivered deliver(const EnvelopePtr&) noexcept override { return {}; }
    void arrived(Arrival&& arrival) noexcept override {
        events.push_back((arrival.past ? "past " : arrival.told ? "told " : arrival.replayed ? "replayed " : "") + std::string(arrival.draft.topic.text()) + ' ' + std::string(as_text(arrival.draft.payload)));
        if (arrival.receipt.value != 0) receipts.push_back(arrival.receipt);
    }
    void taken(std::span<const BackendReceipt> receipts_) noexcept override {
        for (const BackendReceipt& each : receipts_) events.push_back(std::to_string(each.ticket.token.value) + " " + std::string(to_string(each.code)));
    }
    void subscribed(const TopicFilter& filter, std::string_view, Errc) noexcept override { events.push_back("subscribed " + filter.text()); }
    void available(bool yes) noexcept override { events.push_back(yes ? "available" : "away"); }
    HistoryRulesPtr history_rules() const noexcept override { return rules; }
    void past_told() noexcept override { events.push_back("past told"); }

    HistoryRulesPtr rules = std::make_shared<const HistoryRules>();
    Texts events;
    std::vector<Token> receipts;
};

/// A gateway that a homeserver pushes to; the door that stands before `pushed` has tests of its own.
class PushedFixture : public ::testing::Test {
protected:
    PushedFixture() { backend.open(host); }
    ~PushedFixture() override { backend.stop(); }

    void start(bool lasting = true) { backend.start(sink, {lone.core, "me", lasting, [](std::function<void()> task) { task(); }}); }
    static BackendSettings settings() {
        BackendSettings settings;
        settings.url = Url::parse("http://127.0.0.1:8008");
        settings.token = "as token";
        settings.room = "#shared:hs";
        settings.rooms = {{"own", "!own:hs"}};
        settings.listen = {{"127.0.0.1", 9'500}, "http://127.0.0.1:9500", "hs token", "junctor-1"};
        return settings;
    }
    /// What is asked now, whatever else is open: the last one of that kind.
    const OutboundRequest& asked(const std::string& what) {
        const auto fits = [&](const auto& each) { return !each->cancelled && (each->request.method + ' ' + each->request.url.path).starts_with(what); };
        const auto at = std::find_if(outbound->open.rbegin(), outbound->open.rend(), fits);
        if (at == outbound->open.rend()) throw std::logic_error("nobody asks " + what + ", but " + outbound->last().method + ' ' + outbound->last().url.path);
        std::rotate(outbound->open.begin(), at.base() - 1, at.base());
        EXPECT_EQ(outbound->open.front()->request.headers.at(0).value, "Bearer as token");
        return outbound->open.front()->request;
    }
    bool asks(const std::string& what) {
        return std::ranges::any_of(outbound->open, [&](const auto& each) { return !each->cancelled && (each->request.method + ' ' + each->request.url.path).starts_with(what); });
    }
    /// And answers it.
    void expect(const std::string& what, unsigned status = 200, const std::string& body = "{}") {
        asked(what);
        outbound->answer(status, body);
    }
    void expect_ping(unsigned status = 200, const std::string& body = "{}") { expect("POST /_matrix/client/v1/appservice/junctor-1/ping", status, body); }
    nlohmann::json expect_kept(const std::string& ids, unsigned status = 200) {
        const std::string where = "PUT /_matrix/client/v3/user/%40junctor-1%3Ahs/account_data/junctor.transactions.me";
        nlohmann::json kept = nlohmann::json::parse(as_text(asked(where).body));
        EXPECT_EQ(kept["transactions"].dump(), ids);
        outbound->answer(status, "{}");
        return kept;
    }
    void come_to_the_rooms(const std::string& transactions = R"({"transactions":["7"]})", bool lasting = true) {
        expect("POST /_matrix/client/v3/register", 400, R"({"errcode":"M_USER_IN_USE"})");
        expect("GET /_matrix/client/v3/account/whoami", 200, R"({"user_id":"@junctor-1:hs"})");
        if (lasting) expect("GET /_matrix/client/v3/user/%40junctor-1%3Ahs/account_data/junctor.transactions.me", 200, transactions);
        expect("POST /_matrix/client/v3/join/%23shared%3Ahs", 200, R"({"room_id":"!s:hs"})");
        expect("POST /_matrix/client/v3/join/%21own%3Ahs", 200, R"({"room_id":"!own:hs"})");
        if (transactions.find("order") == std::string::npos) expect_looks();
    }
    /// What the rooms hold, the newest first.
    void expect_looks(const std::string& in_shared = {}, const std::string& in_own = {}) {
        expect("GET /_matrix/client/v3/rooms/%21s%3Ahs/messages?dir=b&limit=20&filter=", 200, R"({"chunk":[)" + in_shared + "]}");
        expect("GET /_matrix/client/v3/rooms/%21own%3Ahs/messages?dir=b&limit=20&filter=", 200, R"({"chunk":[)" + in_own + "]}");
    }
    void come_near(const std::string& transactions = R"({"transactions":["7"]})", bool lasting = true) {
        come_to_the_rooms(transactions, lasting);
        for (const char* room : {"%21s%3Ahs", "%21own%3Ahs"}) expect(std::string("GET /_matrix/client/v3/rooms/") + room + "/state", 200, "[]");
    }
    void come_up(bool lasting = true) {
        start(lasting);
        come_near(R"({"transactions":["7"]})", lasting);
        expect_ping();
        expect_looks();
        EXPECT_EQ(heard(), Texts{"available"});
    }
    void push(const std::string& id, const std::string& events) {
        HttpRequest request;
        request.path = "/_matrix/app/v1/transactions/" + id;
        request.headers.push_back({"Authorization", "Bearer hs token"});
        append(request.body, R"({"events":[)" + events + "]}");
        pushes.emplace_back(id, std::make_shared<test::FakeExchange>(lone.core, std::move(request)));
        host.http.back().second.handler(pushes.back().second);
    }
    static std::string event(const std::string& room, const std::string& sender, const std::string& type, const std::string& content) {
        return R"({"event_id":"$e","room_id":")" + room + R"(","sender":")" + sender + R"(","type":")" + type + R"(","content":)" + content + "}";
    }
    static std::string shared(const std::string& message) { return event("!s:hs", "@two:hs", "junctor.messages", R"({"messages":[)" + message + "]}"); }
    static std::string text(const std::string& body, const std::string& sender = "@person:hs", const std::string& room = "!own:hs") {
        return event(room, sender, "m.room.message", R"({"msgtype":"m.text","body":")" + body + R"("})");
    }
    static std::string value(const std::string& id, const std::string& topic, const std::string& payload) {
        return R"({"event_id":")" + id + R"(","room_id":"!s:hs","origin_server_ts":5,"sender":"@two:hs","type":"junctor.retained","state_key":"0:)" + topic +
               R"(","content":{"junctor":{"topic":")" + topic + R"(","data":")" + payload + R"("}}})";
    }
    Texts heard() { return std::exchange(sink.events, {}); }
    /// What transactions were answered, since the last call.
    Texts answered() {
        for (auto& [core, task] : std::exchange(host.posted, {})) task(lone.core);
        Texts answers;
        std::erase_if(pushes, [&](const auto& push) {
            if (push.second->status() != 0) answers.push_back(push.first + (push.second->status() == 200 ? " taken" : " again"));
            return push.second->status() != 0;
        });
        return answers;
    }

    test::LoneCore lone;
    Heard sink;
    std::shared_ptr<test::FakeOutbound> outbound = std::make_shared<test::FakeOutbound>();
    test::FakeHost host;
    MatrixBackend backend{settings(), [this](const BackendPlace&) { return outbound; }};
    std::vector<std::pair<std::string, std::shared_ptr<test::FakeExchange>>> pushes;
};

}  // namespace junctor::matrix
