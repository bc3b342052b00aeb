// What a commit costs beside a bare fdatasync in the same directory, and what a message costs where many are under way:
// store_bench DIRECTORY [commits]
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "core/store/keys.hpp"
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

/// A store, and how much of what was submitted is durable: submitted on this thread, heard of on the store's.
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
    /// One message and its reference, committed alone.
    void operator()() {
        submit(1);
        wait_until_missing(0);
    }
    /// A round's messages.
    void submit(std::uint64_t messages) {
        StoreBatch batch;
        for (std::uint64_t i = 0; i < messages; ++i) {
            batch.put(keys::message({0}, ++messages_), message_);
            batch.put(keys::queued(1, messages_), reference_);
        }
        submit(std::move(batch));
    }
    /// All but the last few are spent.
    void erase_but(std::uint64_t last) {
        StoreBatch batch;
        batch.erase_range(keys::queued(1, erased_ + 1), keys::queued(1, messages_ - last + 1));
        batch.erase_range(keys::message({0}, erased_ + 1), keys::message({0}, messages_ - last + 1));
        erased_ = messages_ - last;
        submit(std::move(batch));
    }
    /// Until at most so many batches are not durable.
    void wait_until_missing(std::uint64_t most) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return submitted_ - durable_ <= most; });
    }

private:
    void submit(StoreBatch&& batch) {
        ++submitted_;
        store_.submit({0}, std::move(batch));
    }

    ByteBuffer message_ = ByteBuffer(160, 1);
    ByteBuffer reference_ = ByteBuffer(14, 2);
    std::uint64_t submitted_ = 0;
    std::uint64_t messages_ = 0;
    std::uint64_t erased_ = 0;
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

double cpu_us() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) * 1e-3;
}

/// Rounds of 40 messages, 1,000 of them under way, which are spent soon.
void flood(const std::filesystem::path& dir, int rounds) {
    constexpr int round = 40, under_way = 25, rounds_per_sweep = 250;
    Committer commit(dir / "flood");
    const double cpu_before = cpu_us();
    const auto begun = Clock::now();
    for (int i = 1; i <= rounds; ++i) {
        commit.submit(round);
        if (i % rounds_per_sweep == 0) commit.erase_but(round * under_way);
        commit.wait_until_missing(under_way);
    }
    commit.wait_until_missing(0);
    const double messages = static_cast<double>(round) * rounds;
    std::printf("%d in flight: CPU %.2f us per message, %.0f messages a second\n", round * under_way, (cpu_us() - cpu_before) / messages,
                messages / std::chrono::duration<double>(Clock::now() - begun).count());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return std::fprintf(stderr, "usage: %s DIRECTORY [commits]\n", argv[0]), 2;
    const std::filesystem::path dir = std::filesystem::path(argv[1]) / "store_bench";
    const int count = argc > 2 ? std::atoi(argv[2]) : 2'000;
    std::filesystem::create_directories(dir);
    compare(dir, count);
    flood(dir, 5 * count);
    std::filesystem::remove_all(dir);
}
