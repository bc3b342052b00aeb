#include "core/routing/history_stream.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace junctor {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t epoch = 7;
constexpr HistoryBounds wide{1'000, 1 << 20, Duration::max()};

EnvelopePtr message(const std::string& topic, const std::string& payload, Duration at = {}, std::optional<Duration> ttl = {}) {
    Draft draft;
    draft.topic = *Topic::parse({}, topic);
    draft.payload = as_bytes(payload);
    draft.ttl = ttl;
    return Envelope::make(std::move(draft), {{}, {}, nullptr, TimePoint(at)});
}

std::vector<std::uint64_t> offsets(const HistoryStream& stream, std::uint64_t after, const std::string& filter = "#", Duration now = {}) {
    std::vector<std::uint64_t> found;
    stream.read(after, *TopicFilter::parse({}, filter), TimePoint(now), [&](const EnvelopePtr& each) {
        found.push_back(each->history().offset);
        return true;
    });
    return found;
}

using Offsets = std::vector<std::uint64_t>;

TEST(HistoryStream, CountsFromOneAndGivesWhatCameAfterAPosition) {
    HistoryStream stream(epoch, wide);
    EXPECT_EQ(stream.last(), (HistoryPosition{epoch, 0}));
    for (const char* payload : {"a", "b", "c"}) stream.append(message("t", payload), {});
    EXPECT_EQ(stream.last().offset, 3U);
    EXPECT_EQ(offsets(stream, 0), (Offsets{1, 2, 3}));
    EXPECT_EQ(offsets(stream, 2), (Offsets{3}));
    EXPECT_EQ(offsets(stream, 3), Offsets{});
}

TEST(HistoryStream, GivesOnlyWhatMatchesAndHasNotExpired) {
    HistoryStream stream(epoch, wide);
    stream.append(message("a/1", "x"), {});
    stream.append(message("b/1", "x"), {});
    stream.append(message("a/2", "x", 0s, 5s), {});
    EXPECT_EQ(offsets(stream, 0, "a/#"), (Offsets{1, 3}));
    EXPECT_EQ(offsets(stream, 0, "a/#", 5s), (Offsets{1}));
}

TEST(HistoryStream, StopsWhenTheReaderHasEnough) {
    HistoryStream stream(epoch, wide);
    for (int i = 0; i < 5; ++i) stream.append(message("t", "x"), {});
    int calls = 0;
    stream.read(0, *TopicFilter::parse({}, "#"), {}, [&](const EnvelopePtr&) { return ++calls < 2; });
    EXPECT_EQ(calls, 2);
}

TEST(HistoryStream, LetsTheOldestGoByNumberAndSaysSo) {
    HistoryStream stream(epoch, {2, 1 << 20, Duration::max()});
    for (int i = 0; i < 5; ++i) stream.append(message("t", "x"), {});
    EXPECT_EQ(offsets(stream, 0), (Offsets{4, 5}));
    EXPECT_TRUE(stream.holds_all_after({epoch, 3}));
    EXPECT_FALSE(stream.holds_all_after({epoch, 2}));
}

TEST(HistoryStream, LetsTheOldestGoByBytes) {
    const EnvelopePtr one = message("t", std::string(100, 'x'));
    HistoryStream stream(epoch, {100, 2 * one->footprint(), Duration::max()});
    for (int i = 0; i < 3; ++i) stream.append(message("t", std::string(100, 'x')), {});
    EXPECT_EQ(stream.size(), 2U);
    EXPECT_EQ(stream.bytes(), 2 * one->footprint());
}

TEST(HistoryStream, LetsTheOldestGoByAge) {
    HistoryStream stream(epoch, {100, 1 << 20, 10s});
    stream.append(message("t", "x", 0s), TimePoint(0s));
    stream.append(message("t", "x", 8s), TimePoint(8s));
    stream.trim(TimePoint(11s));
    EXPECT_EQ(offsets(stream, 0), (Offsets{2}));
    stream.trim(TimePoint(30s));
    EXPECT_EQ(stream.size(), 0U);
    EXPECT_EQ(stream.last().offset, 2U) << "offsets go on where they were";
    EXPECT_TRUE(stream.holds_all_after({epoch, 2}));
    EXPECT_FALSE(stream.holds_all_after({epoch, 1}));
}

TEST(HistoryStream, AMessageLargerThanTheBoundIsCountedAndNotKept) {
    HistoryStream stream(epoch, {100, 50, Duration::max()});
    stream.append(message("t", std::string(1'000, 'x')), {});
    EXPECT_EQ(stream.size(), 0U);
    EXPECT_EQ(stream.bytes(), 0U);
    EXPECT_EQ(stream.last().offset, 1U);
}

TEST(HistoryStream, DoesNotResumeFromAnotherEpochOrFromTheFuture) {
    HistoryStream stream(epoch, wide);
    stream.append(message("t", "x"), {});
    EXPECT_TRUE(stream.holds_all_after({epoch, 0}));
    EXPECT_TRUE(stream.holds_all_after({epoch, 1}));
    EXPECT_FALSE(stream.holds_all_after({epoch, 2}));
    EXPECT_FALSE(stream.holds_all_after({epoch + 1, 1}));
    EXPECT_FALSE(stream.holds_all_after({epoch, std::numeric_limits<std::uint64_t>::max()}));
}

TEST(HistoryStream, ComesBackFromTheStoreAndKnowsWhatIsMissing) {
    HistoryStream stream(epoch, wide);
    stream.restore(4, message("t", "d"));
    stream.restore(5, message("t", "e"));
    EXPECT_FALSE(stream.holds_all_after({epoch, 2})) << "3 is not there";
    EXPECT_TRUE(stream.holds_all_after({epoch, 3}));
    stream.restore(6, nullptr);
    EXPECT_FALSE(stream.holds_all_after({epoch, 5})) << "6 is lost";
    EXPECT_TRUE(stream.holds_all_after({epoch, 6}));
    stream.restore(8, message("t", "h"));
    EXPECT_FALSE(stream.holds_all_after({epoch, 6})) << "7 is not there";
    EXPECT_EQ(stream.last().offset, 8U);
    EXPECT_EQ(offsets(stream, 0), (Offsets{4, 5, 8}));
    stream.append(message("t", "i"), {});
    EXPECT_EQ(offsets(stream, 7), (Offsets{8, 9}));
}

TEST(HistoryStream, ABridgeLeadsOverOffsetsThatWerePromisedToNobody) {
    HistoryStream stream(epoch, wide);
    stream.restore(1, message("t", "a"));
    stream.bridge(1, 41);
    stream.append(message("t", "x"), {});
    EXPECT_EQ(offsets(stream, 0), (Offsets{1, 42}));
    EXPECT_TRUE(stream.holds_all_after({epoch, 1}));
    EXPECT_TRUE(stream.holds_all_after({epoch, 20}));
}

TEST(HistoryStream, ABridgeThatBeginsBehindSomethingMissingIsNone) {
    HistoryStream stream(epoch, wide);
    stream.restore(1, message("t", "a"));
    stream.bridge(2, 41);
    EXPECT_FALSE(stream.holds_all_after({epoch, 1}));
    EXPECT_TRUE(stream.holds_all_after({epoch, 41}));
}

TEST(HistoryStream, TakesNarrowerBounds) {
    HistoryStream stream(epoch, wide);
    for (int i = 0; i < 5; ++i) stream.append(message("t", "x"), {});
    stream.change_bounds({2, 1 << 20, Duration::max()}, {});
    EXPECT_EQ(offsets(stream, 0), (Offsets{4, 5}));
    EXPECT_EQ(stream.whole_after(), (HistoryPosition{epoch, 3}));
}

TEST(HistoryStream, LooksAtNoMoreThanItIsToldAndSaysHowFarItCame) {
    HistoryStream stream(epoch, wide);
    for (int i = 0; i < 5; ++i) stream.append(message(i % 2 == 0 ? "even" : "odd", "x"), {});
    const auto all = [](const EnvelopePtr&) { return true; };
    const auto one = [](const EnvelopePtr&) { return false; };
    const TopicFilter odd = *TopicFilter::parse({}, "odd");
    EXPECT_EQ(stream.read(0, odd, {}, all, 3), 3U);
    EXPECT_EQ(stream.read(0, odd, {}, one), 2U);
    EXPECT_EQ(stream.read(4, odd, {}, all, 3), 5U) << "the end, although nothing there matches";
}

}  // namespace
}  // namespace junctor
