// Bits flip on a disk: in tables, in the write-ahead log, in the list of files. Each flip is found, its loss is told and stays within its
// block, and no value is ever read that nobody wrote.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "core/observe/log.hpp"
#include "core/store/record.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/unit/core/store/faulty_disk.hpp"
#include "tests/unit/core/store/open_store.hpp"
#include "tests/unit/core/store/scratch_dir.hpp"

namespace junctor {
namespace {

namespace fs = std::filesystem;
using test::OpenStore;
using test::TextRecords;

std::size_t rounds() { return std::getenv("JUNCTOR_LONG") != nullptr ? 1'000 : 100; }

constexpr std::size_t value_bytes = 200;
constexpr std::size_t table_keys = 4'000;
constexpr std::size_t table_records = table_keys * 7 / 10;  // the others are erased again
constexpr std::size_t log_keys = 1'000;
constexpr std::size_t group = 20;  // records that may stand in one group of the log

std::string key(std::size_t number) {
    const std::string digits = std::to_string(number);
    return std::string(8 - digits.size(), '0') + digits;
}

struct BitFlips : testing::Test {
    BitFlips() {
        redirect_log([](std::string_view) {});
        fill_tables();
        fill_log();
        original = pristine.path() / "store";
        for (const auto& entry : fs::directory_iterator(original / "db"))
            if (const auto name = entry.path().filename().string();
                entry.file_size() != 0 && name != "IDENTITY" && !name.starts_with("OPTIONS"))
                files.push_back(entry.path().filename());
    }
    ~BitFlips() override {
        flush_log();
        redirect_log(nullptr);
    }

    void put(OpenStore& store, std::size_t number) {
        ByteBuffer value(value_bytes, static_cast<std::uint8_t>('a' + number % 26));
        seal(as_bytes(key(number)), value);
        expected[key(number)] = std::string(as_text(value));
        store.put(key(number), expected[key(number)]);
    }

    /// Closed in order: everything is in tables. What was erased must not come back either.
    void fill_tables() {
        OpenStore store({.dir = pristine.path() / "store", .durability = Durability::os});
        for (std::size_t i = 0; i < table_keys; ++i) put(store, i);
        for (std::size_t i = 0; i < table_keys; i += 10) {
            StoreBatch batch;
            batch.erase_range(as_bytes(key(i)), as_bytes(key(i + 3)));
            for (std::size_t gone = i; gone < i + 3; ++gone) expected.erase(key(gone));
            store.submit(std::move(batch));
        }
    }

    /// Cut off by the power: everything is in the log.
    void fill_log() {
        auto store = std::make_unique<OpenStore>(StoreOptions{.dir = pristine.path() / "store", .env = disk.env()});
        for (std::size_t i = 0; i < log_keys; ++i) {
            put(*store, table_keys + i);
            if (i % group == 0) store->wait_for_all();
        }
        store->wait_for_all();
        disk.cut_power();
        store.reset();
    }

    /// What a store finds after the bit of that file was flipped.
    void flip_and_open(const fs::path& file, std::uintmax_t bit) {
        const test::ScratchDir copy;
        fs::copy(original, copy.path() / "store", fs::copy_options::recursive);
        std::fstream damaged(copy.path() / "store" / "db" / file, std::ios::in | std::ios::out | std::ios::binary);
        damaged.seekg(static_cast<std::streamoff>(bit / 8));
        const int byte = damaged.get();
        damaged.seekp(static_cast<std::streamoff>(bit / 8));
        damaged.put(static_cast<char>(byte ^ 1 << bit % 8));
        damaged.close();
        const OpenStore store({.dir = copy.path() / "store", .durability = Durability::os});
        told = store.store.loss().has_value();
        compare(store, file.string() + ", bit " + std::to_string(bit), most_lost(file, bit / 8));
    }

    /// Where the log's last record begins.
    std::uintmax_t last_record() const {
        std::ifstream stream(original / "db" / log_file(), std::ios::binary);
        const std::string log(std::istreambuf_iterator<char>(stream), {});
        const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(log[at]); };
        constexpr std::size_t block = 32 << 10, head = 7;
        std::size_t at = 0, last = 0;
        while (at + head < log.size()) {
            if (block - at % block < head) {
                at += block - at % block;
                continue;
            }
            last = at;
            at += head + (byte(at + 6) >= 5 ? 4 : 0) + (byte(at + 4) | std::size_t{byte(at + 5)} << 8);
        }
        return last;
    }
    fs::path log_file() const {
        for (const fs::path& file : files)
            if (file.extension() == ".log") return file;
        return {};
    }

    /// The records of one block of a table or of the log, and those that went with one of its records in one group.
    std::size_t most_lost(const fs::path& file, std::uintmax_t byte) const {
        if (file.extension() == ".log") return 32 * 1'024 / value_bytes + 2 * group;
        const bool index = byte > fs::file_size(original / "db" / file) * 9 / 10;
        return index ? table_records : 2 * 4'096 / value_bytes;
    }

    void compare(const OpenStore& store, const std::string& where, std::size_t most) {
        for (const auto& [found, value] : store.found) {
            const auto wanted = expected.find(found);
            ASSERT_TRUE(wanted != expected.end()) << found << " came back: " << where;
            ASSERT_EQ(value, wanted->second) << where;
        }
        const std::size_t lost = expected.size() - store.found.size();
        latest = lost;
        worst = std::max(worst, lost);
        EXPECT_LE(lost, most) << where;
        if (lost == 0) return;
        ++harmful;
        const auto& loss = store.store.loss();
        ASSERT_TRUE(loss) << lost << " records are gone without a word: " << where;
        EXPECT_TRUE(fs::exists(loss->kept / "CURRENT")) << where;
        EXPECT_GT(loss->damaged_places + loss->log_bytes, 0U) << where;
    }

    test::FaultyDisk disk;
    test::ScratchDir pristine;
    fs::path original;
    std::vector<fs::path> files;
    TextRecords expected;
    std::size_t worst = 0;
    std::size_t latest = 0;  ///< lost by the latest flip
    bool told = false;       ///< and whether the store spoke of damage
    std::size_t harmful = 0;
};

TEST_F(BitFlips, EachIsFoundAndItsLossToldAndNoWrongValueRead) {
    test::SeededRandom random(34);
    for (std::size_t round = 0; round < rounds(); ++round) {
        const fs::path& file = files[random.below(files.size())];
        const std::size_t bits = fs::file_size(original / "db" / file) * 8;
        SCOPED_TRACE(file);
        flip_and_open(file, random.below(bits));
        if (HasFatalFailure()) return;
    }
    std::cout << harmful << " of " << rounds() << " flips cost something, the worst " << worst << " of " << expected.size() << " records\n";
    EXPECT_GT(harmful, 0U);
}

// A longer length looks like a record that a crash cut short, but for its checksum.
TEST_F(BitFlips, ADamagedLengthAtTheLogsEndIsToldAndALongerOneMended) {
    const std::uintmax_t length = last_record() + 4;
    std::ifstream log(original / "db" / log_file(), std::ios::binary);
    log.seekg(static_cast<std::streamoff>(length));
    const int written = log.get() | log.get() << 8;
    for (int bit = 0; bit < 16; ++bit) {
        flip_and_open(log_file(), length * 8 + static_cast<unsigned>(bit));
        EXPECT_TRUE(told) << "bit " << bit;
        const bool longer = (written & 1 << bit) == 0;
        EXPECT_TRUE(!longer || latest == 0) << "bit " << bit;
    }
}

TEST_F(BitFlips, ADamagedIndexCostsItsTableAndNoOther) {
    for (const fs::path& file : files) {
        if (file.extension() != ".sst") continue;
        const std::uintmax_t size = fs::file_size(original / "db" / file);
        for (std::uintmax_t back = 8; back < size / 20; back += size / 200) flip_and_open(file, (size - back) * 8);
    }
    EXPECT_LE(worst, table_records);
    EXPECT_GT(worst, 0U);
}

}  // namespace
}  // namespace junctor
