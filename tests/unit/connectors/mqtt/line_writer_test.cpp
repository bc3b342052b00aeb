#include "connectors/mqtt/line_writer.hpp"

#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace junctor::mqtt {
namespace {

TEST(LineWriter, DoesWhatItIsToldInOrder) {
    std::vector<int> done;
    std::promise<void> last;
    LineWriter writer;
    for (int i = 0; i < 100; ++i) writer.write([&done, i] { done.push_back(i); });
    writer.write([&last] { last.set_value(); });
    last.get_future().wait();
    ASSERT_EQ(done.size(), 100U);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(done[static_cast<std::size_t>(i)], i);
}

TEST(LineWriter, WhoTellsItDoesNotWait) {
    std::promise<void> begun;
    std::promise<void> go_on;
    std::promise<bool> ended;
    LineWriter writer;
    writer.write([&] {
        begun.set_value();
        go_on.get_future().wait();
    });
    begun.get_future().wait();
    writer.write([&ended] { ended.set_value(true); });
    go_on.set_value();
    EXPECT_TRUE(ended.get_future().get());
}

TEST(LineWriter, EndsWithWhatItIsDoing) {
    std::promise<void> begun;
    std::promise<void> go_on;
    bool ended = false;
    bool another = false;
    LineWriter writer;
    writer.write([&] {
        begun.set_value();
        go_on.get_future().wait();
        ended = true;
    });
    writer.write([&another] { another = true; });
    begun.get_future().wait();
    std::thread stopping([&writer] { writer.stop(); });
    while (!writer.stopped()) std::this_thread::yield();
    go_on.set_value();
    stopping.join();
    EXPECT_TRUE(ended);
    EXPECT_FALSE(another);
    writer.write([&another] { another = true; });
    writer.stop();
    EXPECT_FALSE(another);
}

}  // namespace
}  // namespace junctor::mqtt
