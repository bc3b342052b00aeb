#include "policy/secrets/worker_pool.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace junctor {

WorkerPool::WorkerPool(unsigned threads, std::size_t queue) : most_(queue) {
    for (unsigned at = 0; at < threads; ++at) threads_.emplace_back([this] { work(); });
}

WorkerPool::~WorkerPool() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        tasks_.clear();
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

bool WorkerPool::submit(std::function<void()> task) {
    {
        const std::lock_guard lock(mutex_);
        if (tasks_.size() >= most_) return false;
        tasks_.push_back(std::move(task));
    }
    wake_.notify_one();
    return true;
}

void WorkerPool::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
        if (stopping_) return;
        const std::function<void()> task = std::move(tasks_.front());
        tasks_.pop_front();
        lock.unlock();
        task();
        lock.lock();
    }
}

WorkerPool& hashing_pool() {
    // First, so that OpenSSL cleans up after the threads have ended.
    static const int openssl_is_there = OPENSSL_init_crypto(0, nullptr);
    static_cast<void>(openssl_is_there);
    static WorkerPool pool(std::clamp(std::thread::hardware_concurrency() / 2, 1U, 8U), 1'000);
    return pool;
}

}  // namespace junctor
