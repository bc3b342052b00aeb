#include "core/embedded/embedded_backend.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/lone_core.hpp"

namespace junctor {
namespace {

struct RecordingSink final : BackendSink {
    Delivered deliver(const EnvelopePtr& envelope) noexcept override {
        delivered.push_back(envelope);
        return {3, 9};
    }
    void taken(std::span<const BackendReceipt> all) noexcept override { receipts.insert(receipts.end(), all.begin(), all.end()); }
    void subscribed(const TopicFilter& filter, std::string_view, Errc code) noexcept override {
        EXPECT_EQ(code, Errc::ok);
        subscriptions.push_back(filter.text());
    }
    void arrived(Arrival&&) noexcept override {}
    void available(bool) noexcept override {}

    std::vector<EnvelopePtr> delivered;
    std::vector<BackendReceipt> receipts;
    std::vector<std::string> subscriptions;
};

TEST(EmbeddedBackend, TakesAMessageAtOnce) {
    RecordingSink sink;
    EmbeddedBackend backend;
    test::LoneCore lone;
    backend.start(sink, {lone.core, {}, false, {}, {}});
    Draft draft;
    draft.topic = *Topic::parse({}, "a");
    const EnvelopePtr envelope = Envelope::make(std::move(draft), {});
    backend.publish(envelope, {SessionId{5}, Token{6}});
    ASSERT_EQ(sink.delivered.size(), 1u);
    EXPECT_EQ(sink.delivered[0], envelope);
    ASSERT_EQ(sink.receipts.size(), 1u);
    EXPECT_EQ(sink.receipts[0].ticket.token, Token{6});
    EXPECT_EQ(sink.receipts[0].matches, 3u);
    EXPECT_EQ(sink.receipts[0].commit, 9u);
    backend.subscribe(*TopicFilter::parse({}, "a/#"), {});
    EXPECT_EQ(sink.subscriptions, std::vector<std::string>{"a/#"});
}

TEST(EmbeddedBackend, LivesOnEveryCore) {
    const BackendTraits traits = EmbeddedBackend().traits();
    EXPECT_TRUE(traits.on_every_core);
    EXPECT_TRUE(traits.retained);
    EXPECT_TRUE(traits.ordered);
    EXPECT_FALSE(traits.durable);
    EXPECT_EQ(traits.max_qos, Qos::exactly_once);
}

}  // namespace
}  // namespace junctor
