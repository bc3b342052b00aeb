#include "policy/secrets/worker_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace junctor {
namespace {

TEST(WorkerPool, DoesItsTasksElsewhere) {
    WorkerPool pool(2, 10);
    std::promise<std::thread::id> done;
    ASSERT_TRUE(pool.submit([&] { done.set_value(std::this_thread::get_id()); }));
    EXPECT_NE(done.get_future().get(), std::this_thread::get_id());
}

TEST(WorkerPool, RefusesWhatIsTooMuch) {
    std::promise<void> started, go_on;
    WorkerPool pool(1, 2);
    ASSERT_TRUE(pool.submit([&] {
        started.set_value();
        go_on.get_future().wait();
    }));
    started.get_future().wait();
    EXPECT_TRUE(pool.submit([] {}));
    EXPECT_TRUE(pool.submit([] {}));
    EXPECT_FALSE(pool.submit([] {}));
    go_on.set_value();
}

TEST(WorkerPool, DropsWhatWaitsWhenItEnds) {
    std::atomic<int> done = 0;
    std::promise<void> started, go_on;
    std::thread ending;
    {
        auto pool = std::make_unique<WorkerPool>(1, 10);
        pool->submit([&] {
            started.set_value();
            go_on.get_future().wait();
            ++done;
        });
        started.get_future().wait();
        for (int at = 0; at < 5; ++at) pool->submit([&] { ++done; });
        ending = std::thread([gone = std::move(pool)]() mutable { gone.reset(); });
    }
    go_on.set_value();
    ending.join();
    EXPECT_GE(done, 1);
}

}  // namespace
}  // namespace junctor
