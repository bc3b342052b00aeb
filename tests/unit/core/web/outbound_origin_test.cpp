#include "core/web/outbound_origin.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"

namespace junctor::web {
namespace {

using namespace std::chrono_literals;
using Failure = OutboundFailure;

/// Links that do what the test says.
struct FakeLinks {
    struct Link final : OutboundLink {
        Link(FakeLinks& its_links, User& its_user) : links(its_links), user(its_user) { links.all.push_back(this); }
        ~Link() override { std::erase(links.all, this); }
        void begin(const Exchange& exchange) noexcept override {
            sent.emplace_back(as_text(*exchange.wire));
            busy = true;
        }
        void end(OutboundAnswer answer, Ending ending) {
            busy = false;
            user.finished(std::move(answer), ending);
        }
        void answer(unsigned status = 200, bool reusable = true) {
            OutboundAnswer whole;
            whole.response.status = status;
            if (sent.size() == 1) user.connected();
            end(std::move(whole), {reusable, false});
        }
        void fail(Failure why, bool silent = true) { end(OutboundAnswer(why), {false, silent}); }

        FakeLinks& links;
        User& user;
        std::vector<std::string> sent;
        bool busy = false;
    };

    OutboundDial dial() {
        return [this](OutboundLink::User& user) { return std::make_unique<Link>(*this, user); };
    }
    std::vector<Link*> all;  ///< those that live, in the order in which they were made
};

class OutboundOriginTest : public ::testing::Test {
protected:
    OutboundOriginTest() {
        options.connections = 2;
        options.waiting = 3;
        options.waiting_bytes = 100;
        make();
    }
    void make() {
        origin = std::make_unique<OutboundOrigin>(
            options, OutboundOrigin::Parts{"http://server:80", clock, timers, random, links.dial(), OutboundMetrics(cells, "http://server:80")});
    }
    std::uint64_t submit(const std::string& wire = "request", Duration timeout = 10s, bool repeatable = true) {
        OutboundOrigin::Job job;
        const std::uint64_t id = job.id = ++last;
        job.wire = std::make_shared<const ByteBuffer>(wire.begin(), wire.end());
        job.began = clock.now() - 1ms;  // it was on its way to this thread
        job.timeout = timeout;
        job.repeatable = repeatable;
        job.makes_sense = makes_sense;
        job.done = [this, id](OutboundAnswer answer) {
            EXPECT_FALSE(outcomes.contains(id)) << "answered twice";
            outcomes.emplace(id, std::move(answer));
        };
        origin->submit(std::move(job));
        return id;
    }
    void advance(Duration by) {
        clock.advance(by);
        timers.advance(clock.now());
    }
    /// Nullopt while there is none.
    std::optional<Failure> outcome(std::uint64_t id) const {
        const auto found = outcomes.find(id);
        return found == outcomes.end() ? std::nullopt : std::optional(found->second.failure);
    }
    std::int64_t metric(std::string_view name) const { return metric_total(name, {&cells}); }

    test::FakeClock clock;
    TimerWheel timers{clock.now()};
    test::SeededRandom random{3};
    Metrics cells;
    FakeLinks links;
    OutboundOrigin::Options options;
    std::unique_ptr<OutboundOrigin> origin;
    std::map<std::uint64_t, OutboundAnswer> outcomes;
    std::uint64_t last = 0;
    OutboundRequest::Sense makes_sense;
};

TEST_F(OutboundOriginTest, AnswersAndKeepsTheConnection) {
    const auto first = submit("first");
    links.all.at(0)->answer();
    EXPECT_EQ(outcome(first), Failure::none);
    submit("second");
    ASSERT_EQ(links.all.size(), 1U);
    EXPECT_EQ(links.all[0]->sent, (std::vector<std::string>{"first", "second"}));
    EXPECT_EQ(metric("junctor_outbound_connections"), 1);
    EXPECT_EQ(metric("junctor_outbound_requests_total"), 2);
    EXPECT_EQ(metric("junctor_outbound_answers_total"), 1);
}

TEST_F(OutboundOriginTest, OpensNoMoreConnectionsThanItMayAndServesInOrder) {
    for (int i = 0; i < 5; ++i) submit(std::to_string(i));
    ASSERT_EQ(links.all.size(), 2U);
    EXPECT_EQ(origin->waiting(), 3U);
    links.all[1]->answer();
    EXPECT_EQ(links.all[1]->sent.back(), "2");
    links.all[0]->answer(200, false);
    ASSERT_EQ(links.all.size(), 2U) << "a new one in its place";
    EXPECT_EQ(links.all[1]->sent.back(), "3");
}

TEST_F(OutboundOriginTest, RefusesWhatDoesNotFitTheQueue) {
    for (int i = 0; i < 5; ++i) submit("x");
    EXPECT_EQ(outcome(submit("x")), Failure::overloaded);
    origin->cancel(5);
    EXPECT_EQ(outcome(submit(std::string(99, 'x'))), Failure::overloaded) << "too many bytes";
    EXPECT_EQ(outcome(submit(std::string(98, 'x'))), std::nullopt);
    EXPECT_FALSE(origin->breaker().open());
}

TEST_F(OutboundOriginTest, ClosesTheConnectionOfWhatTakesTooLong) {
    const auto slow = submit("slow", 2s);
    links.all.at(0)->user.connected();
    advance(1'900ms);
    EXPECT_EQ(outcome(slow), std::nullopt);
    advance(200ms);
    EXPECT_EQ(outcome(slow), Failure::timed_out);
    EXPECT_TRUE(links.all.empty());
    EXPECT_EQ(metric("junctor_outbound_failures_total"), 1);
}

TEST_F(OutboundOriginTest, TimeRunsWhileARequestWaits) {
    submit("x", 60s);
    submit("x", 60s);
    const auto waiting = submit("x", 1s);
    for (FakeLinks::Link* link : links.all) link->user.connected();
    advance(1'100ms);
    EXPECT_EQ(outcome(waiting), Failure::timed_out);
    EXPECT_EQ(links.all.size(), 2U);
}

TEST_F(OutboundOriginTest, AConnectionThatDoesNotStandInTimeIsGivenUp) {
    const auto id = submit("x", 60s);
    advance(options.connect_timeout + 10ms);
    EXPECT_EQ(outcome(id), Failure::unreachable);
    const auto patient = submit("x", 60s);
    links.all.at(0)->user.connected();
    advance(options.connect_timeout + 10ms);
    EXPECT_EQ(outcome(patient), std::nullopt);
}

TEST_F(OutboundOriginTest, UnusedConnectionsGo) {
    submit();
    links.all.at(0)->answer();
    advance(options.idle_timeout + 10ms);
    EXPECT_TRUE(links.all.empty());
    submit();
    links.all.at(0)->answer();
    links.all.at(0)->user.gone();
    EXPECT_EQ(origin->connections(), 0U);
}

// RFC 9110 section 9.2.2: the server closed an idle connection just when the request went out.
TEST_F(OutboundOriginTest, TriesOnceMoreWhereAnIdleConnectionWasStale) {
    submit();
    links.all.at(0)->answer();
    const auto second = submit("second");
    links.all[0]->fail(Failure::lost);
    EXPECT_EQ(outcome(second), std::nullopt);
    ASSERT_EQ(links.all.size(), 1U);
    EXPECT_EQ(links.all[0]->sent.front(), "second");
    links.all[0]->fail(Failure::lost);
    EXPECT_EQ(outcome(second), Failure::lost) << "a new connection is not stale";
}

TEST_F(OutboundOriginTest, DoesNotRepeatWhatMayHaveHappened) {
    submit();
    links.all.at(0)->answer();
    const auto once = submit("once", 10s, false);
    links.all[0]->fail(Failure::lost);
    EXPECT_EQ(outcome(once), Failure::lost);
    submit();
    links.all.at(0)->answer();
    const auto begun = submit();
    links.all[0]->fail(Failure::lost, false);
    EXPECT_EQ(outcome(begun), Failure::lost) << "half an answer had come";
}

TEST_F(OutboundOriginTest, CancelsWhatRunsAndWhatWaits) {
    const auto running = submit();
    submit();
    const auto waiting = submit("waiting");
    const auto next = submit("next");
    origin->cancel(waiting);
    origin->cancel(running);
    origin->cancel(running);
    ASSERT_EQ(links.all.size(), 2U);
    EXPECT_EQ(links.all[1]->sent.front(), "next");
    links.all[1]->answer();
    EXPECT_EQ(outcome(next), Failure::none);
    EXPECT_EQ(outcome(running), std::nullopt);
    EXPECT_EQ(outcome(waiting), std::nullopt);
}

TEST_F(OutboundOriginTest, SparesAServerThatFailsAndComesBackByItself) {
    options.connections = 1;
    make();
    for (int i = 1; i < CircuitBreaker::failures; ++i) {
        submit();
        links.all.at(0)->fail(Failure::unreachable);
    }
    submit();
    const auto waiting = submit();
    links.all.at(0)->fail(Failure::unreachable);
    EXPECT_EQ(outcome(waiting), Failure::circuit_open) << "who waits hears at once";
    EXPECT_EQ(outcome(submit()), Failure::circuit_open);
    EXPECT_TRUE(links.all.empty());
    EXPECT_EQ(metric("junctor_outbound_circuit_open"), 1);
    advance(CircuitBreaker::first_pause);
    const auto probe = submit();
    EXPECT_EQ(outcome(submit()), Failure::circuit_open);
    links.all.at(0)->answer();
    EXPECT_EQ(outcome(probe), Failure::none);
    submit();
    EXPECT_TRUE(links.all.at(0)->busy);
    EXPECT_EQ(metric("junctor_outbound_circuit_open"), 0);
}

TEST_F(OutboundOriginTest, AnswersOfBrokenServersSpeakAgainstThem) {
    for (int i = 0; i < CircuitBreaker::failures; ++i) {
        const auto id = submit();
        links.all.at(0)->answer(503);
        EXPECT_EQ(outcome(id), Failure::none) << "it is an answer all the same";
    }
    EXPECT_TRUE(origin->breaker().open());
    make();
    for (int i = 0; i < 2 * CircuitBreaker::failures; ++i) {
        submit();
        links.all.back()->answer(403);
    }
    EXPECT_FALSE(origin->breaker().open());
}

TEST_F(OutboundOriginTest, WhatIsNoAnswerToTheQuestionSpeaksAgainstTheServer) {
    bool sense = false;
    makes_sense = [&](const HttpResponse&) { return sense; };
    for (int i = 0; i < 2 * CircuitBreaker::failures; ++i) {
        submit();
        links.all.at(0)->answer(400);
    }
    EXPECT_FALSE(origin->breaker().open()) << "an odd question is not the server's fault";
    for (int i = 0; i < CircuitBreaker::failures; ++i) {
        EXPECT_FALSE(origin->breaker().open()) << i;
        const auto id = submit();
        links.all.at(0)->answer(i % 2 == 0 ? 200 : 302);
        EXPECT_EQ(outcome(id), Failure::none) << "it is handed on all the same";
    }
    EXPECT_TRUE(origin->breaker().open());
    EXPECT_EQ(metric("junctor_outbound_circuit_open"), 1);
    advance(CircuitBreaker::first_pause);
    submit();
    links.all.at(0)->answer();
    EXPECT_TRUE(origin->breaker().open()) << "nor does nonsense end a pause";
    advance(2 * CircuitBreaker::first_pause);
    sense = true;
    submit();
    links.all.at(0)->answer();
    EXPECT_FALSE(origin->breaker().open());
}

TEST_F(OutboundOriginTest, ACancelledProbeLetsTheNextOneThrough) {
    for (int i = 0; i < CircuitBreaker::failures; ++i) {
        submit();
        links.all.at(0)->fail(Failure::unreachable);
    }
    advance(CircuitBreaker::first_pause);
    origin->cancel(submit());
    EXPECT_EQ(outcome(submit()), std::nullopt);
}

TEST_F(OutboundOriginTest, StopTellsEverybody) {
    std::vector<std::uint64_t> ids;
    for (int i = 0; i < 5; ++i) ids.push_back(submit());
    origin->stop();
    for (const std::uint64_t id : ids) EXPECT_EQ(outcome(id), Failure::stopped);
    EXPECT_TRUE(links.all.empty());
    EXPECT_EQ(metric("junctor_outbound_connections"), 0);
}

}  // namespace
}  // namespace junctor::web
