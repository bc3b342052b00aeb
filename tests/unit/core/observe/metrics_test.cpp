#include "core/observe/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace junctor {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Metrics, SameNameAndLabelsAreTheSameCell) {
    EXPECT_EQ(counter("test_same_total", "Help.").cell, counter("test_same_total", "Help.").cell);
    EXPECT_NE(counter("test_same_total", "Help.").cell, counter("test_same_total", "Help.", {{"reason", "x"}}).cell);
}

TEST(Metrics, TextSumsAllCores) {
    const Counter messages = counter("test_sum_total", "Messages seen.", {{"connector", "mqtt"}});
    const Gauge sessions = gauge("test_sum_sessions", "Sessions open.");
    Metrics first;
    Metrics second;
    first.add(messages, 3);
    second.add(messages);
    first.add(sessions, 5);
    second.add(sessions, -2);
    const std::string text = prometheus_text({&first, &second});
    EXPECT_THAT(text, HasSubstr("# HELP test_sum_total Messages seen.\n# TYPE test_sum_total counter\n"));
    EXPECT_THAT(text, HasSubstr("test_sum_total{connector=\"mqtt\"} 4\n"));
    EXPECT_THAT(text, HasSubstr("# TYPE test_sum_sessions gauge\ntest_sum_sessions 3\n"));
}

TEST(Metrics, LabelValuesCannotForgeLines) {
    Metrics core;
    core.add(counter("test_forge_total", "Help.", {{"name", "a\"} 1\nevil_total 7"}}));
    EXPECT_THAT(prometheus_text({&core}), Not(HasSubstr("\nevil_total")));
}

TEST(Metrics, AddsUpOneNameOverItsLabelsAndAllCores) {
    const Counter a = counter("test_total_by_label", "Help", {{"kind", "a"}});
    const Counter b = counter("test_total_by_label", "Help", {{"kind", "b"}});
    Metrics first;
    Metrics second;
    first.add(a, 1);
    first.add(b, 2);
    second.add(b, 4);
    EXPECT_EQ(metric_total("test_total_by_label", {&first, &second}), 7);
    EXPECT_EQ(metric_total("test_total_nobody", {&first, &second}), 0);
}

}  // namespace
}  // namespace junctor
