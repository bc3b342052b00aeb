#include "core/observe/process_metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace junctor {
namespace {

TEST(ProcessMetrics, AreThoseThatDashboardsExpect) {
    const std::string text = process_metrics_text();
    for (const char* name : {"process_cpu_seconds_total", "process_max_fds", "process_open_fds", "process_resident_memory_bytes"})
        EXPECT_THAT(text, testing::ContainsRegex(std::string("\n") + name + " [0-9.e+]+\n"));
}

}  // namespace
}  // namespace junctor
