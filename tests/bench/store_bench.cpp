// What a commit costs beside a bare fdatasync in the same directory: store_bench DIRECTORY [commits]
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "core/store/rocksdb_store.hpp"

namespace {

using namespace junctor;
using Clock = std::chrono::steady_clock;
using Micros = std::chrono::duration<double, std::micro>;

double median(std::vector<double>& values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

template <class Action>
void measure(std::vector<double>& took, Action& action) {
    const auto begun = Clock::now();
    action();
    took.push_back(Micros(Clock::now() - begun).count());
}

/// A small append and its sync.
class Appender {
public:
    explicit Appender(const std::filesystem::path& file) : file_(::open(file.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600)) {}
    ~Appender() { ::close(file_); }
    Appender(const Appender&) = delete;
    void operator()() {
        if (::write(file_, bytes_.data(), bytes_.size()) < 0 || ::fdatasync(file_) != 0) std::exit(1);
    }

private:
    int file_;
    std::vector<char> bytes_ = std::vector<char>(300, 'x');
};

/// One message and its reference, committed alone: submitted on this thread, heard of on the store's.
class Committer {
public:
    explicit Committer(const std::filesystem::path& dir) : store_({.dir = dir}) {
        store_.open();
        store_.start(1, [this](CoreId, std::uint64_t batches) {
            const std::lock_guard lock(mutex_);
            durable_ = batches;
            changed_.notify_one();
        });
    }
    void operator()() {
        const std::string key = std::to_string(++submitted_);
        StoreBatch batch;
        batch.put(as_bytes("m" + key), message_);
        batch.put(as_bytes("q" + key), reference_);
        store_.submit({0}, std::move(batch));
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return durable_ == submitted_; });
    }

private:
    ByteBuffer message_ = ByteBuffer(220, 1);
    ByteBuffer reference_ = ByteBuffer(30, 2);
    std::uint64_t submitted_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t durable_ = 0;
    RocksdbStore store_;
};

void compare(const std::filesystem::path& dir, int count) {
    Appender append(dir / "append");
    Committer commit(dir / "store");
    std::vector<double> syncs, commits;
    for (int i = 0; i < count; ++i) {
        measure(syncs, append);
        measure(commits, commit);
    }
    const double sync = median(syncs), committed = median(commits);
    std::printf("median fdatasync %.0f us, median commit %.0f us: %.2f times\n", sync, committed, committed / sync);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return std::fprintf(stderr, "usage: %s DIRECTORY [commits]\n", argv[0]), 2;
    const std::filesystem::path dir = std::filesystem::path(argv[1]) / "store_bench";
    const int count = argc > 2 ? std::atoi(argv[2]) : 2'000;
    std::filesystem::create_directories(dir);
    compare(dir, count);
    std::filesystem::remove_all(dir);
}
