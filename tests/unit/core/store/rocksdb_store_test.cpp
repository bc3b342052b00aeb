#include "core/store/rocksdb_store.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "core/base/setup_error.hpp"
#include "core/observe/metrics.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/unit/core/store/faulty_disk.hpp"
#include "tests/unit/core/store/open_store.hpp"
#include "tests/unit/core/store/scratch_dir.hpp"

namespace junctor {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using test::FaultyDisk;
using test::OpenStore;
using test::TextRecords;

struct RocksdbStoreTest : testing::Test {
    StoreOptions options() { return {.dir = dir.path() / "store", .retry_interval = 5ms, .env = disk.env()}; }

    std::string refusal(const StoreOptions& refused) {
        try {
            RocksdbStore(refused).open();
        } catch (const SetupError& error) {
            return error.what();
        }
        return {};
    }

    /// The power goes while the store is in use, and comes back.
    void lose_power(std::unique_ptr<OpenStore>& store) {
        disk.cut_power();
        store.reset();
        disk.lose_unsynced();
    }

    fs::path newest(const std::string& extension) {
        fs::path found;
        for (const auto& entry : fs::directory_iterator(options().dir / "db"))
            if (entry.path().extension() == extension && entry.path() > found) found = entry.path();
        return found;
    }

    FaultyDisk disk;
    test::ScratchDir dir;
};

TEST_F(RocksdbStoreTest, WhatWasCommittedSurvivesAPowerCutAndNoBatchIsHalved) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        test::ScratchDir own;
        FaultyDisk power;
        test::SeededRandom random(seed);
        auto store = std::make_unique<OpenStore>(StoreOptions{.dir = own.path(), .retry_interval = 5ms, .env = power.env()});
        const std::size_t last = random.below(300);
        for (std::size_t i = 0; i <= last; ++i) {
            StoreBatch batch;
            for (const char* part : {"a", "b"})
                batch.put(as_bytes(std::to_string(i) + part), as_bytes(std::string(random.below(2'000), 'x')));
            store->submit(std::move(batch));
        }
        store->wait_for(random.below(last + 1));
        power.cut_power();
        const std::uint64_t acknowledged = store->committed();
        store.reset();
        power.lose_unsynced();
        OpenStore again({.dir = own.path()});
        EXPECT_FALSE(again.store.loss()) << again.store.loss()->damage;
        for (std::size_t i = 0; i <= last; ++i) {
            EXPECT_EQ(again.found.contains(std::to_string(i) + "a"), again.found.contains(std::to_string(i) + "b"));
            EXPECT_TRUE(i >= acknowledged || again.found.contains(std::to_string(i) + "a")) << "seed " << seed << ", batch " << i;
        }
    }
}

TEST_F(RocksdbStoreTest, WithDurabilityOsNothingIsSyncedPerCommit) {
    StoreOptions relaxed = options();
    relaxed.durability = Durability::os;
    OpenStore store(relaxed);
    const int before = disk.syncs;
    for (int i = 0; i < 20; ++i) {
        store.put(std::to_string(i), "v");
        store.wait_for_all();
    }
    EXPECT_EQ(disk.syncs, before);
}

TEST_F(RocksdbStoreTest, AnUnfinishedWriteAtTheEndOfTheLogIsNoDamage) {
    auto store = std::make_unique<OpenStore>(options());
    for (const char* key : {"a", "b", "c"}) {
        store->put(key, std::string(100, 'v'));
        store->wait_for_all();
    }
    lose_power(store);
    const fs::path log = newest(".log");
    const auto size = fs::file_size(log);
    for (std::uintmax_t cut = 1; cut < 120; cut += 7) {
        test::ScratchDir copy;
        fs::copy(options().dir, copy.path() / "store", fs::copy_options::recursive);
        fs::resize_file(copy.path() / "store" / "db" / log.filename(), size - cut);
        OpenStore again({.dir = copy.path() / "store"});
        EXPECT_FALSE(again.store.loss());
        EXPECT_EQ(again.found.size(), 2U) << cut;
    }
}

TEST_F(RocksdbStoreTest, AFullDiskAcknowledgesNothingAndRecoversByItself) {
    auto store = std::make_unique<OpenStore>(options());
    store->put("before", "v");
    store->wait_for_all();
    disk.full = true;
    store->put("kept back", std::string(10'000, 'v'));
    store->wait_until_it_accepts(false);
    EXPECT_NE(store->store.failure(), "");
    EXPECT_EQ(store->committed(), 1U);
    disk.full = false;
    store->wait_for_all();
    store->wait_until_it_accepts(true);
    EXPECT_EQ(store->store.failure(), "");
    store->put("after", "v");
    store->wait_for_all();
    lose_power(store);
    OpenStore again({.dir = options().dir});
    EXPECT_FALSE(again.store.loss()) << again.store.loss()->damage;
    EXPECT_EQ(again.found.size(), 3U);
}

TEST_F(RocksdbStoreTest, PagesThatAFailedSyncMayHaveDroppedAreWrittenAnew) {
    auto store = std::make_unique<OpenStore>(options());
    store->put("before", "v");
    store->wait_for_all();
    disk.sync_fails = true;
    store->put("kept back", "v");
    store->wait_until_it_accepts(false);
    EXPECT_EQ(store->committed(), 1U);
    disk.sync_fails = false;
    store->wait_for_all();
    lose_power(store);
    OpenStore again({.dir = options().dir});
    EXPECT_FALSE(again.store.loss()) << again.store.loss()->damage;
    EXPECT_EQ(again.found.size(), 2U);
}

TEST_F(RocksdbStoreTest, WhatWaitsIsBounded) {
    StoreOptions small = options();
    small.most_waiting = 10'000;
    OpenStore store(small);
    disk.full = true;
    store.put("a", std::string(9'000, 'v'));
    store.wait_until_it_accepts(false);
    disk.full = false;
    store.wait_for_all();
    store.wait_until_it_accepts(true);
}

TEST_F(RocksdbStoreTest, AStopDuringAFailureEnds) {
    auto store = std::make_unique<OpenStore>(options());
    disk.full = true;
    store->put("a", "v");
    store->wait_until_it_accepts(false);
    store.reset();
    disk.full = false;
    EXPECT_TRUE(OpenStore(options()).found.size() <= 1);
}

TEST_F(RocksdbStoreTest, ASecondStoreOnTheDirectoryIsRefusedByName) {
    OpenStore first(options());
    EXPECT_EQ(refusal(options()), "the store '" + options().dir.string() +
                                      "' is in use by this process; stop that one, or give this one another 'store: {dir: ...}'");
    first.put("still", "works");
    first.wait_for_all();
}

/// Another process that holds the lock of a database until this ends.
class Holder {
public:
    explicit Holder(const fs::path& lock_file) {
        int ready[2];
        EXPECT_EQ(::pipe(ready), 0);
        process_ = ::fork();
        if (process_ == 0) {
            const int descriptor = ::open(lock_file.c_str(), O_RDWR);
            struct flock lock {};
            lock.l_type = F_WRLCK;
            lock.l_whence = SEEK_SET;
            const char result = ::fcntl(descriptor, F_SETLK, &lock) == 0 ? 'y' : 'n';
            if (::write(ready[1], &result, 1) != 1) ::_exit(1);
            while (true) ::pause();
        }
        char result = 0;
        EXPECT_EQ(::read(ready[0], &result, 1), 1);
        EXPECT_EQ(result, 'y');
        ::close(ready[0]);
        ::close(ready[1]);
    }
    ~Holder() {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
    pid_t process() const { return process_; }

private:
    pid_t process_;
};

TEST_F(RocksdbStoreTest, ASecondProcessIsToldWhoHoldsTheDirectory) {
    { OpenStore made(options()); }
    const Holder holder(options().dir / "db" / "LOCK");
    const std::string text = refusal(options());
    EXPECT_NE(text.find("(process " + std::to_string(holder.process()) + ")"), text.npos) << text;
}

TEST_F(RocksdbStoreTest, ADirectoryThatCannotBeIsNamed) {
    std::ofstream(dir.path() / "file") << "no directory";
    StoreOptions wrong = options();
    wrong.dir = dir.path() / "file" / "store";
    const std::string text = refusal(wrong);
    EXPECT_NE(text.find(wrong.dir.string()), text.npos) << text;
    EXPECT_NE(text.find("Not a directory"), text.npos) << text;
}

// Threat class 34: nobody but the owner reads what is stored, and no name from outside becomes a file's.
TEST_F(RocksdbStoreTest, ThreatClass34FilesBelongToTheOwnerAlone) {
    const mode_t usual = ::umask(0022);
    {
        OpenStore store({.dir = options().dir});
        store.put("../../etc/passwd", std::string(100, 'v'));
        store.wait_for_all();
    }
    { OpenStore store({.dir = options().dir}); }
    ::umask(usual);
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(options().dir)) {
        struct stat status {};
        ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0077U, 0U) << entry.path();
        ++files;
        EXPECT_EQ(entry.path().string().find("passwd"), std::string::npos);
    }
    EXPECT_GT(files, 4U);
    struct stat status {};
    ASSERT_EQ(::stat(options().dir.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
    EXPECT_EQ(std::distance(fs::directory_iterator(dir.path()), {}), 1);
}

TEST_F(RocksdbStoreTest, ItsNumbersAreThereForTheMetricsPage) {
    OpenStore store(options());
    store.put("a", "v");
    store.wait_for_all();
    const std::string text = prometheus_text({&store.store.metrics()});
    EXPECT_NE(text.find("junctor_store_commits_total 1\n"), text.npos) << text;
    EXPECT_NE(text.find("junctor_store_waiting_bytes 0\n"), text.npos);
}

}  // namespace
}  // namespace junctor
