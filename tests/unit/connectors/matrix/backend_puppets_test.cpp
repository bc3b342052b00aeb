#include <gtest/gtest.h>

#include "connectors/matrix/backend.hpp"
#include "tests/support/fake_outbound.hpp"
#include "tests/support/lone_core.hpp"

namespace junctor::matrix {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

struct Heard final : BackendSink {
    Delivered deliver(const EnvelopePtr&) noexcept override { return {}; }
    void arrived(Arrival&& arrival) noexcept override { events.push_back("arrived " + std::string(as_text(arrival.draft.payload))); }
    void taken(std::span<const BackendReceipt> receipts) noexcept override {
        for (const BackendReceipt& each : receipts) events.push_back(std::to_string(each.ticket.token.value) + " " + std::string(to_string(each.code)));
    }
    void subscribed(const TopicFilter&, std::string_view, Errc) noexcept override {}
    void available(bool) noexcept override {}

    Texts events;
};

/// A gateway whose publishers are users of the homeserver.
class MatrixBackendPuppets : public ::testing::Test {
protected:
    MatrixBackendPuppets() {
        backend.start(sink, {lone.core, "me", false, [](std::function<void()> task) { task(); }});
        outbound->answer(200, R"({"user_id":"@me:hs"})");
        outbound->answer(200, R"({"room_id":"!s:hs"})");
        outbound->answer(200, R"({"room_id":"!own:hs"})");
        outbound->answer(200, R"({"next_batch":"s1"})");
        for (int room = 0; room < 2; ++room) outbound->answer(200, "[]");
    }
    ~MatrixBackendPuppets() override { backend.stop(); }

    static BackendSettings settings() {
        BackendSettings settings;
        settings.url = Url::parse("http://127.0.0.1:8008");
        settings.token = "own token";
        settings.room = "#shared:hs";
        settings.rooms = {{"own", "!own:hs"}};
        settings.puppets = {"service token", "_junctor_", 2};
        return settings;
    }
    void publish(const std::string& name, std::uint64_t token, const std::string& topic = "own") {
        Draft draft;
        draft.topic = *Topic::parse({}, topic);
        draft.payload = as_bytes("hello");
        draft.qos = Qos::at_least_once;
        backend.publish(Envelope::make(std::move(draft), {{}, {}, PrincipalRef(new Principal({}, name)), lone.core.now()}), {{}, {token}});
    }
    /// What is asked now, and with which token; answers it.
    void expect(const std::string& what, const char* token, unsigned status = 200, const std::string& body = "{}") {
        const OutboundRequest& last = outbound->last();
        EXPECT_EQ((last.method + ' ' + last.url.path).substr(0, what.size()), what);
        EXPECT_EQ(last.headers.at(0).value, std::string("Bearer ") + token);
        std::rotate(outbound->open.begin(), outbound->open.end() - 1, outbound->open.end());
        outbound->answer(status, body);
    }
    void expect_join(unsigned status = 200) {
        expect("POST /_matrix/client/v3/join/%21own%3Ahs?user_id=%40_junctor_alice%3Ahs", "service token", status, R"({"errcode":"M_FORBIDDEN"})");
    }
    void expect_register(unsigned status = 200, const std::string& body = "{}") { expect("POST /_matrix/client/v3/register", "service token", status, body); }
    void expect_name() { expect("PUT /_matrix/client/v3/profile/%40_junctor_alice%3Ahs/displayname?user_id=%40_junctor_alice%3Ahs", "service token"); }
    void expect_send(bool by_alice, unsigned status = 200, const std::string& body = R"({"event_id":"$e"})") {
        EXPECT_EQ(outbound->last().url.path.ends_with("?user_id=%40_junctor_alice%3Ahs"), by_alice);
        expect("PUT /_matrix/client/v3/rooms/%21own%3Ahs/send/m.room.message/", by_alice ? "service token" : "own token", status, body);
    }
    Texts heard() { return std::exchange(sink.events, {}); }

    test::LoneCore lone;
    Heard sink;
    std::shared_ptr<test::FakeOutbound> outbound = std::make_shared<test::FakeOutbound>();
    MatrixBackend backend{settings(), [this](const BackendPlace&) { return outbound; }};
};

TEST_F(MatrixBackendPuppets, APublisherWritesAsItsUser) {
    publish("alice", 1);
    expect_register();
    EXPECT_EQ(outbound->last_body(), R"({"displayname":"alice"})");
    expect_name();
    expect_join(403);
    expect("POST /_matrix/client/v3/rooms/%21own%3Ahs/invite", "own token");
    EXPECT_EQ(heard(), Texts());
    expect_join();
    expect_send(true);
    EXPECT_EQ(heard(), Texts{"1 ok"});
    publish("alice", 2);
    expect_send(true);
    EXPECT_EQ(heard(), Texts{"2 ok"});
}

TEST_F(MatrixBackendPuppets, AUserThatIsThereKeepsItsName) {
    publish("alice", 1);
    expect_register(400, R"({"errcode":"M_USER_IN_USE"})");
    expect_join();
    expect_send(true);
    EXPECT_EQ(heard(), Texts{"1 ok"});
}

TEST_F(MatrixBackendPuppets, WhatHasNoRoomOfItsOwnTheGatewayWrites) {
    publish("alice", 1, "other");
    expect("PUT /_matrix/client/v3/rooms/%21s%3Ahs/send/junctor.messages/", "own token", 200, R"({"event_id":"$e"})");
    EXPECT_EQ(heard(), Texts{"1 ok"});
}

TEST_F(MatrixBackendPuppets, WithoutAServiceThereTheGatewayWrites) {
    publish("alice", 1);
    expect_register(401, R"({"errcode":"M_UNKNOWN_TOKEN"})");
    expect_send(false);
    publish("alice", 2);
    expect_send(false);
    EXPECT_EQ(heard(), (Texts{"1 ok", "2 ok"}));
}

TEST_F(MatrixBackendPuppets, WhoIsNotLetIntoTheRoomDoesNotWriteThere) {
    publish("alice", 1);
    expect_register();
    expect_name();
    expect_join(403);
    expect("POST /_matrix/client/v3/rooms/%21own%3Ahs/invite", "own token", 403);
    expect_join(403);
    expect_send(false);
    EXPECT_EQ(heard(), Texts{"1 ok"});
}

TEST_F(MatrixBackendPuppets, WhoIsThrownOutLeavesTheWordToTheGateway) {
    publish("alice", 1);
    expect_register();
    expect_name();
    expect_join();
    expect_send(true, 403, R"({"errcode":"M_FORBIDDEN"})");
    expect_send(false);
    EXPECT_EQ(heard(), Texts{"1 ok"});
}

TEST_F(MatrixBackendPuppets, ALostAnswerSendsTheSameAgainAsTheSame) {
    publish("alice", 1);
    expect_register();
    expect_name();
    expect_join();
    const std::string sent = outbound->last().url.path;
    std::rotate(outbound->open.begin(), outbound->open.end() - 1, outbound->open.end());
    outbound->fail(OutboundFailure::lost);
    lone.advance(1s);
    outbound->answer(200, R"({"next_batch":"s2"})");
    const auto again = std::ranges::find_if(outbound->open, [&](const auto& each) { return !each->cancelled && each->request.url.path == sent; });
    EXPECT_NE(again, outbound->open.end());
}

TEST_F(MatrixBackendPuppets, TooManyRequestsOnTheWayAreMadeAgainLater) {
    publish("alice", 1);
    expect_register(429, R"({"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2000})");
    const std::size_t before = outbound->all.size();
    lone.advance(1s);
    EXPECT_EQ(outbound->all.size(), before);
    lone.advance(1500ms);
    expect_register();
    expect_name();
    expect_join();
    expect_send(true);
    EXPECT_EQ(heard(), Texts{"1 ok"});
}

/// What somebody with the token of the service writes by other means is no message of the gateway's.
TEST_F(MatrixBackendPuppets, PuppetsAreNoPeople) {
    const auto event = [](const char* sender) {
        return std::string(R"({"event_id":"$e","type":"m.room.message","content":{"body":"x"},"sender":")") + sender + "\"}";
    };
    outbound->answer(200, R"({"next_batch":"s2","rooms":{"join":{"!own:hs":{"timeline":{"events":[)" + event("@_junctor_alice:hs") + ',' + event("@bob:hs") + "]}}}}}");
    EXPECT_EQ(heard(), Texts{"arrived x"});
}

}  // namespace
}  // namespace junctor::matrix
