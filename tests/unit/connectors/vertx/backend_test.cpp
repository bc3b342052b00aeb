#include "connectors/vertx/backend.hpp"

#include <gtest/gtest.h>

#include "tests/support/lone_core.hpp"

namespace junctor::vertx {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

struct FakeLine final : ServerLine {
    FakeLine(Owner& its_owner, Texts& to) : owner(its_owner), sent(to) {}
    void connect() noexcept override { sent.push_back("connect"); }
    void drop() noexcept override { sent.push_back("drop"); }
    void send(Bytes bytes) noexcept override {
        for (Split next; (next = split_frame(bytes, bytes.size())).status == Split::Status::complete; bytes = bytes.subspan(next.consumed))
            sent.emplace_back(next.text);
    }
    std::size_t unsent() const noexcept override { return waiting; }

    Owner& owner;
    Texts& sent;
    std::size_t waiting = 0;
};

struct FakeSink final : BackendSink {
    Delivered deliver(const EnvelopePtr&) noexcept override { return {}; }
    void arrived(Arrival&& arrival) noexcept override {
        const Extras* extras = arrival.draft.extras.get();
        events.push_back("arrived " + std::string(arrival.draft.topic.text()) + " " + std::string(as_text(arrival.draft.payload)));
        reply_to = extras ? extras->reply_to : "";
        correlation = extras ? std::string(as_text(extras->correlation)) : "";
        headers = extras ? extras->headers : std::vector<Header>();
    }
    void taken(std::span<const BackendReceipt> receipts) noexcept override {
        for (const BackendReceipt& each : receipts) events.push_back(std::to_string(each.ticket.token.value) + " " + std::string(to_string(each.code)));
    }
    void subscribed(const TopicFilter& filter, std::string_view, Errc code) noexcept override {
        events.push_back("subscribed " + filter.text() + " " + std::string(to_string(code)));
    }
    void available(bool yes) noexcept override { events.push_back(yes ? "available" : "away"); }

    Texts events;
    std::string reply_to;
    std::string correlation;
    std::vector<Header> headers;
};

const std::string ping = R"({"type":"ping"})";
const std::string pong = R"({"type":"pong"})";
const std::string refusal = R"({"type":"err","message":"access_denied"})";

class VertxBackendTest : public ::testing::Test {
protected:
    explicit VertxBackendTest(std::string bridge = {}) {
        backend.start(sink, {lone.core, "me", false, [](std::function<void()> task) { task(); }, nullptr, std::move(bridge)});
        EXPECT_EQ(take(sent), Texts{"connect"});
    }
    ~VertxBackendTest() override { backend.stop(); }

    static BackendSettings settings() {
        BackendSettings settings;
        settings.addresses = {{"orders/new", "orders.new"}, {"jobs", "jobs", true}};
        settings.waiting = 4;
        return settings;
    }
    static Texts take(Texts& from) { return std::exchange(from, {}); }
    void hears(const std::string& text) {
        ByteBuffer bytes;
        for (std::size_t i = 0; i < length_bytes; ++i) bytes.push_back(static_cast<std::uint8_t>(text.size() >> (8 * (length_bytes - 1 - i))));
        append(bytes, text);
        EXPECT_EQ(line->owner.received(bytes), bytes.size());
    }
    void come_up() {
        line->owner.line_up();
        hears(pong);
        EXPECT_EQ(take(sent), (Texts{R"({"type":"register","address":"junctor"})", ping}));
        EXPECT_EQ(take(sink.events), Texts{"available"});
    }
    void publish(const std::string& topic, const std::string& payload, std::uint64_t token, const std::string& reply_to = {}) {
        Draft draft;
        draft.topic = *Topic::parse({}, topic);
        draft.payload = as_bytes(payload);
        if (!reply_to.empty()) {
            draft.kind = Kind::request;
            draft.extras = std::make_unique<Extras>();
            draft.extras->reply_to = reply_to;
            draft.extras->correlation = {'c'};
        }
        backend.publish(Envelope::make(std::move(draft), {{}, {}, nullptr, lone.core.now()}), {{}, {token}});
    }
    static TopicFilter filter(const std::string& text) { return *TopicFilter::parse({}, text); }
    std::string reply_address() {
        FrameDecoder decoder(Sender::client, {});
        Frame frame;
        EXPECT_EQ(decoder.decode(sent.at(0), frame), std::nullopt);
        return std::string(frame.reply_address);
    }

    test::LoneCore lone;
    FakeSink sink;
    Texts sent;
    FakeLine* line = nullptr;
    VertxBackend backend{settings(), [this](const ServerLine::Target&, ServerLine::Owner& owner, const ServerLine::Post&) {
                             auto made = std::make_unique<FakeLine>(owner, sent);
                             line = made.get();
                             return made;
                         }};
};

class VertxBridgeTest : public VertxBackendTest {
protected:
    VertxBridgeTest() : VertxBackendTest("plant") {}
};

TEST_F(VertxBackendTest, SaysWhatItKeepsAndNoMore) {
    const BackendTraits traits = backend.traits();
    EXPECT_EQ(traits.max_qos, Qos::at_most_once);
    EXPECT_TRUE(traits.wildcards && traits.ordered && traits.headers);
    EXPECT_FALSE(traits.retained || traits.durable || traits.shared_groups || traits.history || traits.on_every_core);
    EXPECT_EQ(traits.max_payload, 8U << 20);
}

TEST_F(VertxBackendTest, IsThereWhenItsAddressIsRegistered) {
    line->owner.line_up();
    EXPECT_TRUE(sink.events.empty());
    hears(pong);
    EXPECT_EQ(sink.events, Texts{"available"});
}

TEST_F(VertxBackendTest, AnAddressThatIsNotPermittedIsNoBackend) {
    line->owner.line_up();
    sent.clear();
    hears(refusal);
    hears(pong);
    EXPECT_EQ(sent, Texts{"drop"});
    EXPECT_TRUE(sink.events.empty());
    lone.advance(1s);
    EXPECT_EQ(sent.back(), "connect");
}

TEST_F(VertxBackendTest, APublishIsTakenWhenTheBridgeHasReadIt) {
    come_up();
    publish("a", "1", 1);
    publish("b", "2", 2);
    publish("c", "3", 3);
    ASSERT_EQ(sent.size(), 4U);
    EXPECT_EQ(sent[0], R"({"type":"publish","address":"junctor","body":{"hops":"me","topic":"a","data":"1"}})");
    EXPECT_EQ(sent[1], ping);
    EXPECT_TRUE(sink.events.empty());
    hears(pong);
    EXPECT_EQ(take(sink.events), Texts{"1 ok"});
    EXPECT_EQ(sent.back(), ping);
    hears(pong);
    EXPECT_EQ(sink.events, (Texts{"2 ok", "3 ok"}));
}

TEST_F(VertxBackendTest, ARefusalMeetsThePublishesToItsAddress) {
    come_up();
    publish("a", "1", 1);
    publish("orders/new", "2", 2);
    publish("b", "3", 3);
    hears(pong);
    hears(refusal);
    hears(pong);
    hears(pong);
    EXPECT_EQ(sink.events, (Texts{"1 ok", "2 denied", "3 ok"}));
}

TEST_F(VertxBackendTest, MoreThanMayWaitIsTooMuch) {
    come_up();
    for (std::uint64_t token = 1; token <= 5; ++token) publish("a", "x", token);
    EXPECT_EQ(take(sink.events), Texts{"5 overloaded"});
    line->waiting = std::size_t{1} << 30;
    hears(pong);
    take(sink.events);
    publish("a", "x", 6);
    EXPECT_EQ(sink.events, Texts{"6 overloaded"});
}

TEST_F(VertxBackendTest, AMappedTopicGoesToItsAddress) {
    come_up();
    publish("orders/new", R"({"n":1})", 1);
    EXPECT_EQ(sent[0], R"({"type":"publish","address":"orders.new","headers":{"junctor-hops":"me"},"body":{"n":1}})");
    hears(pong);
    sent.clear();
    publish("jobs", "x", 2);
    EXPECT_EQ(sent[0], R"({"type":"send","address":"jobs","headers":{"junctor-hops":"me"},"body":"x"})");
}

TEST_F(VertxBackendTest, AFilterIsConfirmedWhenItsAddressesAre) {
    come_up();
    backend.subscribe(filter("a/#"), {});
    EXPECT_EQ(take(sink.events), Texts{"subscribed a/# ok"});
    backend.subscribe(filter("orders/+"), {});
    EXPECT_EQ(take(sent), (Texts{R"({"type":"register","address":"orders.new"})", ping}));
    EXPECT_TRUE(sink.events.empty());
    backend.subscribe(filter("orders/new"), {});
    hears(pong);
    EXPECT_EQ(take(sink.events), (Texts{"subscribed orders/+ ok", "subscribed orders/new ok"}));
    EXPECT_TRUE(sent.empty());
    backend.unsubscribe(filter("orders/+"), {});
    EXPECT_TRUE(sent.empty());
    backend.unsubscribe(filter("orders/new"), {});
    EXPECT_EQ(sent, (Texts{R"({"type":"unregister","address":"orders.new"})", ping}));
}

/// THREATS 37: what the bridge does not permit is not wanted behind its back, and may be asked for again.
TEST_F(VertxBackendTest, AnAddressThatIsNotPermittedRefusesItsFilters) {
    come_up();
    for (int round = 0; round < 2; ++round) {
        backend.subscribe(filter("#"), {});
        hears(pong);
        hears(refusal);
        hears(pong);
        EXPECT_EQ(take(sink.events), Texts{"subscribed # denied"});
        while (true) {
            const std::size_t before = sent.size();
            hears(pong);
            if (before == sent.size()) break;
        }
    }
}

TEST_F(VertxBackendTest, WhatArrivesIsShown) {
    come_up();
    hears(R"({"type":"message","address":"orders.new","headers":{"k":"v"},"body":"x","send":false})");
    EXPECT_EQ(take(sink.events), Texts{"arrived orders/new x"});
    EXPECT_EQ(sink.headers, (std::vector<Header>{{"k", "v"}}));
    hears(R"({"type":"message","address":"junctor","body":{"topic":"a/b","data":"y"}})");
    EXPECT_EQ(take(sink.events), Texts{"arrived a/b y"});
    hears(R"({"type":"message","address":"junctor","body":{"topic":"$inbox/other/0/1","data":"z"}})");
    hears(R"({"type":"message","address":"junctor","body":"not ours"})");
    hears(R"({"type":"message","address":"unheard-of","body":"x"})");
    EXPECT_TRUE(sink.events.empty());
    hears(R"({"type":"message","address":"junctor","body":{"topic":"$inbox/me/0/1","data":"z"}})");
    EXPECT_EQ(sink.events, Texts{"arrived $inbox/me/0/1 z"});
}

TEST_F(VertxBackendTest, ARequestIsASendWhoseReplyComesBack) {
    come_up();
    publish("orders/new", "question", 1, "$inbox/me/0/1");
    const std::string address = reply_address();
    EXPECT_TRUE(sent[0].starts_with(R"({"type":"send","address":"orders.new","replyAddress":")")) << sent[0];
    hears(pong);
    EXPECT_TRUE(sink.events.empty());
    hears(R"({"type":"message","address":")" + address + R"(","body":"answer"})");
    EXPECT_EQ(take(sink.events), (Texts{"arrived $inbox/me/0/1 answer", "1 ok"}));
    EXPECT_EQ(sink.correlation, "c");
    hears(R"({"type":"message","address":")" + address + R"(","body":"again"})");
    EXPECT_TRUE(sink.events.empty());
}

TEST_F(VertxBackendTest, AFailureSaysWhoseItIs) {
    come_up();
    const auto fails = [&](const std::string& type) {
        sent.clear();
        publish("orders/new", "question", 1, "$inbox/me/0/1");
        hears(R"({"type":"err","address":")" + reply_address() + R"(","failureCode":42,"failureType":")" + type + R"(","message":"no"})");
        hears(pong);
        return take(sink.events);
    };
    EXPECT_EQ(fails("NO_HANDLERS"), Texts{"1 no_receivers"});
    EXPECT_EQ(fails("TIMEOUT"), Texts{"1 timed_out"});
    EXPECT_EQ(fails("RECIPIENT_FAILURE"), (Texts{"arrived $inbox/me/0/1 no", "1 ok"}));
    EXPECT_EQ(sink.headers, (std::vector<Header>{{"failureType", "RECIPIENT_FAILURE"}, {"failureCode", "42"}}));
}

TEST_F(VertxBackendTest, WhoAsksFromTheBusIsAnsweredThere) {
    come_up();
    hears(R"({"type":"message","address":"orders.new","replyAddress":"__vertx.reply.1","body":"question","send":true})");
    EXPECT_EQ(sink.reply_to, reply_topic("__vertx.reply.1"));
    publish(sink.reply_to, "answer", 1);
    EXPECT_EQ(sent[0], R"({"type":"send","address":"__vertx.reply.1","headers":{"junctor-hops":"me"},"body":"answer"})");
}

TEST_F(VertxBackendTest, WhenTheLineBreaksNothingIsKnownOfWhatWasUnderWay) {
    come_up();
    publish("a", "1", 1);
    publish("orders/new", "question", 2, "$inbox/me/0/1");
    line->owner.line_down("gone");
    EXPECT_EQ(take(sink.events), (Texts{"1 unavailable", "2 unavailable", "away"}));
    publish("a", "3", 3);
    backend.subscribe(filter("a"), {});
    EXPECT_EQ(take(sink.events), (Texts{"3 unavailable", "subscribed a unavailable"}));
}

TEST_F(VertxBackendTest, ComesBackWithMorePatienceEachTime) {
    come_up();
    std::vector<Duration> waited;
    for (int round = 0; round < 8; ++round) {
        sent.clear();
        line->owner.line_down("gone");
        Duration wait{};
        for (; sent.empty() && wait < 10s; wait += 10ms) lone.advance(10ms);
        ASSERT_EQ(sent, Texts{"connect"});
        waited.push_back(wait);
    }
    EXPECT_LE(waited.front(), 270ms);
    EXPECT_GE(waited.back(), 2s);
    EXPECT_LE(waited.back(), 4'020ms);
}

TEST_F(VertxBackendTest, ASilentBridgeIsPingedAndThenGivenUp) {
    come_up();
    for (int round = 0; round < 2; ++round) {
        lone.advance(5'010ms);
        EXPECT_EQ(take(sent), Texts{ping});
        if (round == 0) hears(pong);
    }
    for (int i = 0; i < 2 && sent.empty(); ++i) lone.advance(5'010ms);
    EXPECT_EQ(sent, Texts{"drop"});
    EXPECT_EQ(sink.events, Texts{"away"});
}

TEST_F(VertxBackendTest, FramesComeInAnyPieces) {
    come_up();
    ByteBuffer bytes;
    append_framed(bytes, {.type = Type::message, .address = "orders.new", .body = "1"});
    append_framed(bytes, {.type = Type::message, .address = "orders.new", .body = "2"});
    EXPECT_EQ(line->owner.received(Bytes(bytes).first(10)), 0U);
    EXPECT_EQ(line->owner.received(Bytes(bytes).first(bytes.size() - 1)), bytes.size() / 2);
    EXPECT_EQ(line->owner.received(Bytes(bytes).subspan(bytes.size() / 2)), bytes.size() / 2);
    EXPECT_EQ(sink.events, (Texts{"arrived orders/new 1", "arrived orders/new 2"}));
}

TEST_F(VertxBackendTest, ALengthThatIsTooLargeEndsTheLine) {
    come_up();
    EXPECT_EQ(line->owner.received(as_bytes("\xff\xff\xff\xff")), 0U);
    EXPECT_EQ(sent, Texts{"drop"});
}

TEST_F(VertxBackendTest, WhatIsNoProtocolEndsTheLine) {
    come_up();
    hears("nonsense");
    EXPECT_EQ(sent, Texts{"drop"});
    EXPECT_EQ(sink.events, Texts{"away"});
}

/// THREATS 36: a bridge does not bring back what it has taken there.
TEST_F(VertxBridgeTest, ABridgeDoesNotHearItself) {
    come_up();
    hears(R"({"type":"message","address":"orders.new","headers":{"junctor-hops":"me"},"body":"x"})");
    hears(R"({"type":"message","address":"junctor","body":{"topic":"a","hops":"me"}})");
    hears(R"({"type":"message","address":"junctor","body":{"topic":"$to/phone"}})");
    EXPECT_TRUE(sink.events.empty());
    hears(R"({"type":"message","address":"orders.new","headers":{"junctor-hops":"other"},"body":"x"})");
    EXPECT_EQ(sink.events, Texts{"arrived orders/new x"});
}

}  // namespace
}  // namespace junctor::vertx
