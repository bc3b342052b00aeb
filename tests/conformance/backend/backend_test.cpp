// What every backend has to keep, so that clients cannot tell which one carries their messages.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/conformance/backend/joined_gateways.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using test::BackendUnderTest;
using test::FakeClient;
using test::JoinedGateways;
using Texts = std::vector<std::string>;

class BackendConformance : public ::testing::TestWithParam<std::tuple<BackendUnderTest, std::uint64_t>> {
protected:
    void SetUp() override {
        const auto& [backend, seed] = GetParam();
        const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
        const auto names = [&](const std::string& each) { return name.starts_with(each + '/'); };
        if (std::ranges::any_of(backend.differs, names)) GTEST_SKIP() << "its server differs: see the README of its connector";
        const bool chosen = backend.in_short.empty() || std::ranges::any_of(backend.in_short, names);
        if (!chosen && !std::getenv("JUNCTOR_LONG")) GTEST_SKIP() << "runs with --long";
        joined = backend.make(seed);
        traits = joined->traits();
    }

    test::TestCluster& here() { return joined->gateway(0); }
    test::TestCluster& there() { return joined->gateway(1); }
    std::uint16_t last_core(test::TestCluster& of) { return static_cast<std::uint16_t>(of.count() - 1); }
    Qos best() const { return std::min(Qos::at_least_once, traits.max_qos); }

    void subscribe(FakeClient& client, const std::string& filter, SubscribeOptions options = {}) {
        options.max_qos = Qos::exactly_once;
        const std::size_t before = client->settlements.size();
        client.subscribe(filter, options);
        ASSERT_TRUE(joined->until([&] { return client->settlements.size() > before; })) << filter;
        EXPECT_EQ(client->settlements.back().each.at(0), Errc::ok) << filter;
    }
    Errc publish(FakeClient& client, const std::string& topic, const std::string& payload, bool retain = false, std::uint64_t token = 77) {
        Draft draft = client.draft(topic, payload, best());
        draft.retain = retain;
        client->settlements.clear();
        client.gate().publish(*client, std::move(draft), Token{token});
        EXPECT_TRUE(joined->until([&] { return client->settlement(token) != nullptr; })) << topic;
        return client->settlement(token) ? client->settlement(token)->code : Errc::timed_out;
    }
    bool gets(FakeClient& client, const Texts& payloads) {
        const bool there_are = joined->until([&] { return client->payloads().size() >= payloads.size(); });
        joined->settle();
        EXPECT_EQ(client->payloads(), payloads);
        return there_are && client->payloads() == payloads;
    }

    /// All that "tester" has shown.
    void revoke(test::TestCluster& at) {
        Revocation said{Revocation::Kind::principal, TenantId{}, "tester", at.clock.wall(), at.clock.wall() + 1h};
        const Ref<Principal> admin(new Principal({}, "admin"));
        ASSERT_TRUE(at.gate().revoke(*admin, std::move(said), [] {}));
    }

    std::unique_ptr<JoinedGateways> joined;
    BackendTraits traits;
};

TEST_P(BackendConformance, WhatIsPublishedArrivesEverywhereOnce) {
    FakeClient publisher(here());
    FakeClient near(here(), {}, last_core(here()));
    FakeClient far(there(), {}, last_core(there()));
    FakeClient farther(there());
    for (FakeClient* each : {&near, &far, &farther}) subscribe(*each, "a/#");
    subscribe(far, "a/+");
    EXPECT_EQ(publish(publisher, "a/b", "one"), Errc::ok);
    for (FakeClient* each : {&near, &far, &farther}) gets(*each, {"one"});
}

TEST_P(BackendConformance, AReceiptSaysWhetherAnybodyListens) {
    FakeClient publisher(here());
    FakeClient far(there());
    EXPECT_EQ(publish(publisher, "nobody", "x"), Errc::ok);
    if (joined->counts_receivers()) {
        EXPECT_EQ(publisher->settlement(77)->matches, 0U);
    }
    subscribe(far, "somebody");
    EXPECT_EQ(publish(publisher, "somebody", "x"), Errc::ok);
    EXPECT_GE(publisher->settlement(77)->matches, 1U);
}

TEST_P(BackendConformance, WhatIsPublishedAfterTheAnswerArrives) {
    FakeClient publisher(here());
    for (int i = 0; i < 10; ++i) {
        const std::string topic = "t/" + std::to_string(i);
        FakeClient far(there(), {}, static_cast<std::size_t>(i) % there().count());
        subscribe(far, topic);
        EXPECT_EQ(publish(publisher, topic, "x"), Errc::ok);
        EXPECT_TRUE(gets(far, {"x"}));
    }
}

TEST_P(BackendConformance, EachPublisherKeepsItsOrder) {
    FakeClient first(here());
    FakeClient second(there(), {}, last_core(there()));
    FakeClient reader(there());
    subscribe(reader, "order/+");
    Texts of_first;
    Texts of_second;
    for (int i = 0; i < 40; ++i) {
        first.publish("order/1", of_first.emplace_back("a" + std::to_string(i)), best());
        second.publish("order/2", of_second.emplace_back("b" + std::to_string(i)), best());
    }
    EXPECT_TRUE(joined->until([&] { return reader->deliveries.size() >= 80; }));
    const auto of = [&](const std::string& topic) {
        Texts found;
        for (const auto& each : reader->deliveries)
            if (each.topic == topic) found.push_back(each.payload);
        return found;
    };
    EXPECT_EQ(of("order/1"), of_first);
    EXPECT_EQ(of("order/2"), of_second);
}

TEST_P(BackendConformance, AllThatAMessageHasCrosses) {
    if (!traits.headers) GTEST_SKIP() << "its wire carries no headers";
    FakeClient publisher(here());
    FakeClient far(there());
    subscribe(far, "rich");
    Draft draft = publisher.draft("rich", "payload", best());
    draft.ttl = 60s;
    draft.extras = std::make_unique<Extras>();
    draft.extras->content_type = "text/plain";
    draft.extras->headers = {{"k", "v1"}, {"other", "x"}, {"k", "v2"}};
    draft.extras->reply_to = "answers/here";
    draft.extras->correlation = {1, 0, 255};
    draft.extras->is_text = true;
    publisher.gate().publish(*publisher, std::move(draft), {});
    ASSERT_TRUE(gets(far, {"payload"}));
    const Envelope& envelope = *far->deliveries[0].envelope;
    ASSERT_TRUE(envelope.extras());
    const Extras& extras = *envelope.extras();
    EXPECT_EQ(extras.content_type, "text/plain");
    EXPECT_EQ(extras.headers, (std::vector<Header>{{"k", "v1"}, {"other", "x"}, {"k", "v2"}}));
    EXPECT_EQ(extras.reply_to, "answers/here");
    EXPECT_EQ(extras.correlation, (ByteBuffer{1, 0, 255}));
    EXPECT_TRUE(extras.is_text);
    EXPECT_TRUE(envelope.expires());
    EXPECT_EQ(envelope.qos(), best());
}

TEST_P(BackendConformance, NoLocalKeepsAPublishersOwnAway) {
    if (!traits.headers) GTEST_SKIP() << "its wire does not say who published";
    FakeClient client(here());
    FakeClient other(here());
    SubscribeOptions no_local;
    no_local.no_local = true;
    subscribe(client, "own/#", no_local);
    subscribe(other, "own/#", no_local);
    EXPECT_EQ(publish(client, "own/x", "mine"), Errc::ok);
    gets(other, {"mine"});
    gets(client, {});
}

TEST_P(BackendConformance, AGroupGetsOneCopyWhereverItsMembersAre) {
    if (!traits.shared_groups) {
        FakeClient client(here());
        client.subscribe("$share/g/work", Qos::at_least_once);
        ASSERT_TRUE(joined->until([&] { return !client->settlements.empty(); }));
        EXPECT_EQ(client->settlements[0].each[0], Errc::unsupported);
        return;
    }
    FakeClient publisher(here());
    FakeClient one(here(), {}, last_core(here()));
    FakeClient two(there());
    FakeClient three(there(), {}, last_core(there()));
    FakeClient plain(there());
    for (FakeClient* each : {&one, &two, &three}) subscribe(*each, "$share/g/work/#");
    subscribe(plain, "work/#");
    for (int i = 0; i < 12; ++i) publisher.publish("work/x", std::to_string(i), best());
    const auto got = [&] { return one->deliveries.size() + two->deliveries.size() + three->deliveries.size(); };
    EXPECT_TRUE(joined->until([&] { return got() >= 12 && plain->deliveries.size() >= 12; }));
    joined->settle();
    EXPECT_EQ(got(), 12U);
    EXPECT_EQ(plain->deliveries.size(), 12U);
    if (std::get<0>(GetParam()).name == "hivemq") return;  // gives a burst to whichever gateway asks first
    EXPECT_GT(one->deliveries.size(), 0U);
    EXPECT_GT(two->deliveries.size() + three->deliveries.size(), 0U);
}

TEST_P(BackendConformance, AGroupsMessageGoesPastWhoDoesNotTakeIt) {
    if (!traits.shared_groups) GTEST_SKIP() << "it has no groups";
    FakeClient publisher(here());
    FakeClient never(here(), {}, last_core(here()));
    FakeClient other(there());
    FakeClient plain(here());
    for (FakeClient* each : {&never, &other}) subscribe(*each, "$share/past/work/#");
    subscribe(plain, "work/#");
    never->result = DeliverResult::refused;
    for (int i = 0; i < 8; ++i) publisher.publish("work/x", std::to_string(i), best());
    EXPECT_TRUE(joined->until([&] { return other->deliveries.size() >= 8 && plain->deliveries.size() >= 8; }));
    joined->settle();
    EXPECT_EQ(other->deliveries.size(), 8U);
    EXPECT_EQ(plain->deliveries.size(), 8U) << "and nobody else a second time";
}

TEST_P(BackendConformance, AGroupsMessageGoesPastAGatewayWhoseLastMemberLeaves) {
    if (!traits.shared_groups) GTEST_SKIP() << "it has no groups";
    FakeClient publisher(there());
    FakeClient stays(there());
    FakeClient plain(here());
    subscribe(stays, "$share/leaving/work/#");
    subscribe(plain, "work/#");
    std::size_t sent = 0;
    std::size_t elsewhere = 0;  // of them, with those who have left
    for (int round = 0; round < 10; ++round) {
        FakeClient leaves(here(), {}, last_core(here()));
        subscribe(leaves, "$share/leaving/work/#");
        for (int i = 0; i < 6; ++i) publisher.publish("work/x", std::to_string(sent++), best());
        if (round % 2 != 0) continue;  // it goes, and what it has not acknowledged goes to another
        leaves.unsubscribe("$share/leaving/work/#");
        joined->settle();
        elsewhere += leaves->deliveries.size();
        leaves->unacknowledged.clear();
    }
    EXPECT_TRUE(joined->until([&] { return stays->deliveries.size() + elsewhere >= sent && plain->deliveries.size() >= sent; }));
    joined->settle();
    EXPECT_EQ(stays->deliveries.size() + elsewhere, sent);
    EXPECT_EQ(plain->deliveries.size(), sent);
}

TEST_P(BackendConformance, ARetainedValueIsThereForWhoComesLater) {
    FakeClient publisher(here());
    if (!traits.retained) {
        EXPECT_EQ(publish(publisher, "kept/x", "1", true), Errc::unsupported);
        return;
    }
    EXPECT_EQ(publish(publisher, "kept/x", "1", true), Errc::ok);
    EXPECT_EQ(publish(publisher, "kept/x", "2", true), Errc::ok);
    FakeClient first(there());
    subscribe(first, "kept/#");
    gets(first, {"2"});
    EXPECT_TRUE(first->deliveries[0].retain);
    FakeClient second(there(), {}, last_core(there()));
    subscribe(second, "kept/+");
    gets(second, {"2"});
    gets(first, {"2"});
    EXPECT_EQ(publish(publisher, "kept/x", "3", true), Errc::ok);
    gets(first, {"2", "3"});
    EXPECT_FALSE(first->deliveries[1].retain);
    FakeClient third(there());
    subscribe(third, "kept/#");
    gets(third, {"3"});
}

TEST_P(BackendConformance, AClearedValueIsGoneAlsoWhereNobodyLooked) {
    if (!traits.retained) GTEST_SKIP() << "it keeps no retained values";
    FakeClient publisher(here());
    EXPECT_EQ(publish(publisher, "gone/x", "1", true), Errc::ok);
    {
        FakeClient passing(there());
        subscribe(passing, "gone/#");
        gets(passing, {"1"});
    }
    joined->settle();
    EXPECT_EQ(publish(publisher, "gone/x", "", true), Errc::ok);
    FakeClient later(there());
    subscribe(later, "gone/#");
    gets(later, {});
}

TEST_P(BackendConformance, AHistoryKeepsWhatNobodyWants) {
    if (!traits.history) GTEST_SKIP() << "only what is wanted comes";
    FakeClient publisher(here());
    for (const char* each : {"1", "2", "3"}) EXPECT_EQ(publish(publisher, "past/x", each), Errc::ok);
    FakeClient reader(there());
    const HistoryQuestion question{*TopicFilter::parse({}, "past/#"), {}, 10, 10'000};
    const auto read = [&] {
        const std::size_t before = reader->pages.size();
        reader.gate().history(*reader, question, Token{1});
        return joined->until([&] { return reader->pages.size() > before; }) ? reader->pages.back() : HistoryPage();
    };
    EXPECT_TRUE(joined->until([&] { return read().messages.size() == 3; }));
    std::string texts;
    for (const EnvelopePtr& each : read().messages) texts += as_text(each->payload());
    EXPECT_EQ(texts, "123");
}

TEST_P(BackendConformance, ARequestIsAnsweredFromAnywhere) {
    FakeClient requester(here(), {}, last_core(here()));
    FakeClient responder(there());
    if (!traits.headers) GTEST_SKIP() << "its wire carries no reply address";
    subscribe(responder, "service");
    responder->on_deliver = [&](const Delivery& delivery) {
        const std::string to = delivery.envelope->extras()->reply_to;
        responder.publish(to, "answer", best());
    };
    requester.request("service", "question", 10s, 5);
    ASSERT_TRUE(joined->until([&] { return !requester->answers.empty(); }));
    EXPECT_EQ(requester->answers[0].token, Token{5});
    EXPECT_EQ(as_text(requester->answers[0].reply->payload()), "answer");
}

TEST_P(BackendConformance, ANamedSessionIsReachedWhereverItIs) {
    FakeClient far(there(), "phone");
    joined->settle();
    FakeClient publisher(here());
    EXPECT_EQ(publish(publisher, "$to/phone", "for you"), Errc::ok);
    gets(far, {"for you"});
}

TEST_P(BackendConformance, ANamedSessionThatOpensElsewhereClosesTheOlderOne) {
    FakeClient older(here(), "tablet", SessionTerms{});
    joined->settle();
    EXPECT_FALSE(older->closed);
    FakeClient newer(there(), "tablet", SessionTerms{});
    EXPECT_TRUE(joined->until([&] { return older->closed.has_value(); }));
    EXPECT_EQ(older->closed, CloseReason::taken_over);
    joined->settle();
    EXPECT_FALSE(newer->closed);
}

TEST_P(BackendConformance, ANamedSessionThatOpensWhileTheBackendIsAwayClosesTheOlderOneAfterwards) {
    FakeClient older(here(), "tablet", SessionTerms{});
    joined->settle();
    if (!joined->cut(1)) GTEST_SKIP() << "nothing can come between";
    joined->settle();
    FakeClient newer(there(), "tablet", SessionTerms{});
    FakeClient gone(there(), "lamp", SessionTerms{});
    gone.close();
    joined->settle();
    EXPECT_FALSE(older->closed);
    joined->join(1);
    EXPECT_TRUE(joined->until([&] { return older->closed.has_value(); }));
    EXPECT_EQ(older->closed, CloseReason::taken_over);
    joined->settle();
    EXPECT_FALSE(newer->closed);
}

TEST_P(BackendConformance, WhatIsRevokedAtOneGatewayIsRevokedAtAll) {
    FakeClient user(there(), {}, last_core(there()));
    joined->settle();
    revoke(here());
    EXPECT_TRUE(joined->until([&] { return there().revocations->size() == 1; }));
    there().advance(1s);
    EXPECT_EQ(user->closed, CloseReason::not_authorized);
}

TEST_P(BackendConformance, WhatIsRevokedWhileTheBackendIsAwayIsRevokedAtAllAfterwards) {
    joined->settle();
    if (!joined->cut(1)) GTEST_SKIP() << "nothing can come between";
    joined->settle();
    revoke(there());
    joined->settle();
    EXPECT_EQ(here().revocations->size(), 0U);
    joined->join(1);
    EXPECT_TRUE(joined->until([&] { return here().revocations->size() == 1; }));
}

TEST_P(BackendConformance, InterestGoesWithTheLastSubscriber) {
    FakeClient publisher(here());
    FakeClient one(there());
    FakeClient two(there(), {}, last_core(there()));
    subscribe(one, "in");
    subscribe(two, "in");
    one.unsubscribe("in");
    joined->settle();
    EXPECT_EQ(publish(publisher, "in", "x"), Errc::ok);
    gets(two, {"x"});
    two.unsubscribe("in");
    joined->settle();
    EXPECT_EQ(publish(publisher, "in", "y"), Errc::ok);
    if (joined->counts_receivers()) {
        EXPECT_EQ(publisher->settlement(77)->matches, 0U);
    }
    gets(two, {"x"});
}

TEST_P(BackendConformance, AwayMeansUnavailableAndComingBackRestoresAll) {
    FakeClient publisher(here());
    FakeClient far(there(), {}, last_core(there()));
    subscribe(far, "back/#");
    if (!joined->cut(1)) GTEST_SKIP() << "nothing can come between";
    joined->settle();
    FakeClient late(there());
    EXPECT_EQ(publish(late, "back/x", "refused"), Errc::unavailable);
    late.subscribe("elsewhere", best());
    ASSERT_TRUE(joined->until([&] { return late->settlements.size() == 2; }));
    EXPECT_EQ(late->settlements[1].each[0], Errc::unavailable);
    EXPECT_EQ(publish(publisher, "back/x", "kept"), Errc::ok);
    joined->join(1);
    if (traits.durable) gets(far, {"kept"});
    joined->settle();
    const std::size_t before = far->deliveries.size();
    EXPECT_EQ(publish(late, "back/x", "again"), Errc::ok);
    EXPECT_TRUE(joined->until([&] { return far->deliveries.size() > before; }));
    EXPECT_EQ(far->payloads().back(), "again");
}

TEST_P(BackendConformance, NothingAcknowledgedIsLostHoweverOftenTheLineBreaks) {
    if (!traits.durable) GTEST_SKIP() << "it does not promise that";
    FakeClient publisher(here());
    FakeClient far(there(), {}, last_core(there()));
    subscribe(far, "cuts");
    Texts acknowledged;
    std::uint64_t token = 100;
    for (int round = 0; round < 6; ++round) {
        for (int i = 0; i < 5; ++i) publisher.publish("cuts", std::to_string(token), best(), token), ++token;
        std::uint64_t steps = here().random().below(20);
        joined->until([&] { return steps-- == 0; });
        const std::size_t whom = here().random().below(2);
        joined->cut(whom);
        joined->settle();
        joined->join(whom);
        joined->settle();
    }
    for (std::uint64_t each = 100; each < token; ++each)
        if (const auto* settled = publisher->settlement(each); settled && settled->code == Errc::ok)
            acknowledged.push_back(std::to_string(each));
    EXPECT_FALSE(acknowledged.empty());
    const Texts got = far->payloads();
    for (const std::string& each : acknowledged) EXPECT_NE(std::find(got.begin(), got.end(), each), got.end()) << each;
}

TEST_P(BackendConformance, WhatIsTooLargeIsRefused) {
    if (traits.max_payload > 10'000'000) GTEST_SKIP() << "it carries whatever clients may send";
    FakeClient publisher(here());
    EXPECT_EQ(publish(publisher, "large", std::string(traits.max_payload + 1, 'x')), Errc::too_large);
}

std::string name_of(const ::testing::TestParamInfo<BackendConformance::ParamType>& info) {
    return std::get<0>(info.param).name + "_" + std::to_string(std::get<1>(info.param));
}

std::vector<BackendConformance::ParamType> all_of_them() {
    std::vector<BackendConformance::ParamType> all;
    for (const BackendUnderTest& each : test::backends_under_test())
        for (std::uint64_t seed = 1; seed <= each.seeds; ++seed) all.emplace_back(each, seed);
    return all;
}

INSTANTIATE_TEST_SUITE_P(Backends, BackendConformance, ::testing::ValuesIn(all_of_them()), name_of);

}  // namespace
}  // namespace junctor
