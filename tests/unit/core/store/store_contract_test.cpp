// What every store must do: the model, which the simulation runs on, and the real one.
#include <gtest/gtest.h>

#include "tests/support/model_store.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/unit/core/store/open_store.hpp"
#include "tests/unit/core/store/scratch_dir.hpp"

namespace junctor {
namespace {

using test::TextRecords;

/// A store that can be used, ended and found again.
class Subject {
public:
    virtual ~Subject() = default;
    virtual TextRecords open(std::uint16_t cores) = 0;
    virtual void submit(CoreId core, StoreBatch&& batch) = 0;
    virtual void wait() = 0;  ///< until everything that can be durable is
    virtual std::uint64_t committed(CoreId core) = 0;
    virtual void close() = 0;
};

class ModelSubject final : public Subject {
public:
    TextRecords open(std::uint16_t cores) override {
        store_ = std::make_unique<test::ModelStore>(std::move(records_));
        committed_.assign(cores, 0);
        TextRecords found = test::load_all(*store_);
        store_->start(cores, [this](CoreId core, std::uint64_t batches) { committed_[core.value] = batches; });
        return found;
    }
    void submit(CoreId core, StoreBatch&& batch) override { store_->submit(core, std::move(batch)); }
    void wait() override { store_->commit_all(); }
    std::uint64_t committed(CoreId core) override { return committed_[core.value]; }
    void close() override {
        store_->stop();
        records_ = std::move(*store_).crash();
        store_.reset();
    }

private:
    std::unique_ptr<test::ModelStore> store_;
    std::vector<std::uint64_t> committed_;
    test::ModelStore::Records records_;
};

class RocksdbSubject final : public Subject {
public:
    TextRecords open(std::uint16_t cores) override {
        store_ = std::make_unique<test::OpenStore>(StoreOptions{.dir = dir_.path(), .durability = Durability::os}, cores);
        return store_->found;
    }
    void submit(CoreId core, StoreBatch&& batch) override { store_->submit(std::move(batch), core); }
    void wait() override { store_->wait_for_all(); }
    std::uint64_t committed(CoreId core) override { return store_->committed(core); }
    void close() override { store_.reset(); }

private:
    test::ScratchDir dir_;
    std::unique_ptr<test::OpenStore> store_;
};

struct StoreContract : testing::TestWithParam<std::string> {
    StoreContract() {
        if (GetParam() == "model") subject = std::make_unique<ModelSubject>();
        else subject = std::make_unique<RocksdbSubject>();
    }

    TextRecords reopen(std::uint16_t cores = 1) {
        subject->close();
        return subject->open(cores);
    }

    static StoreBatch put(const std::string& key, const std::string& value) {
        StoreBatch batch;
        batch.put(as_bytes(key), as_bytes(value));
        return batch;
    }

    std::unique_ptr<Subject> subject;
};

TEST_P(StoreContract, IsEmptyAtFirst) { EXPECT_TRUE(subject->open(1).empty()); }

TEST_P(StoreContract, KeepsWhatWasPutInTheOrderOfKeys) {
    subject->open(1);
    subject->submit({0}, put("b", "2"));
    subject->submit({0}, put("a", std::string("\0binary\xff", 8)));
    subject->submit({0}, put("c", ""));
    subject->wait();
    EXPECT_EQ(subject->committed({0}), 3U);
    EXPECT_EQ(reopen(), (TextRecords{{"a", std::string("\0binary\xff", 8)}, {"b", "2"}, {"c", ""}}));
}

TEST_P(StoreContract, TheLastChangeOfAKeyCounts) {
    subject->open(1);
    StoreBatch batch;
    batch.put(as_bytes("a"), as_bytes("1"));
    batch.put(as_bytes("a"), as_bytes("2"));
    batch.put(as_bytes("gone"), as_bytes("x"));
    batch.erase(as_bytes("gone"));
    batch.erase(as_bytes("never there"));
    subject->submit({0}, std::move(batch));
    EXPECT_EQ(reopen(), (TextRecords{{"a", "2"}}));
}

TEST_P(StoreContract, ARangeIsErasedWithoutItsEnd) {
    subject->open(1);
    for (const char* key : {"a", "b", "b1", "c", "d"}) subject->submit({0}, put(key, "v"));
    StoreBatch batch;
    batch.erase_range(as_bytes("b"), as_bytes("d"));
    batch.put(as_bytes("c"), as_bytes("again"));
    subject->submit({0}, std::move(batch));
    EXPECT_EQ(reopen(), (TextRecords{{"a", "v"}, {"c", "again"}, {"d", "v"}}));
}

TEST_P(StoreContract, EachCoresBatchesAreCounted) {
    subject->open(3);
    subject->submit({0}, put("a", "1"));
    subject->submit({2}, put("b", "1"));
    subject->submit({2}, put("c", "1"));
    subject->wait();
    EXPECT_EQ(subject->committed({0}), 1U);
    EXPECT_EQ(subject->committed({1}), 0U);
    EXPECT_EQ(subject->committed({2}), 2U);
}

TEST_P(StoreContract, ATransactionBetweenCoresWaitsForAllItsParts) {
    subject->open(2);
    StoreBatch first = put("first", "1");
    first.join({7, 2});
    subject->submit({0}, std::move(first));
    EXPECT_EQ(reopen(2), TextRecords{}) << "half a transaction was kept";
    StoreBatch again = put("first", "1");
    again.join({7, 2});
    subject->submit({0}, std::move(again));
    StoreBatch second = put("second", "1");
    second.join({7, 2});
    subject->submit({1}, std::move(second));
    subject->wait();
    EXPECT_EQ(subject->committed({0}), 1U);
    EXPECT_EQ(reopen(), (TextRecords{{"first", "1"}, {"second", "1"}}));
}

TEST_P(StoreContract, RandomChangesEndAsInAMap) {
    test::SeededRandom random(11);
    TextRecords expected = subject->open(2);
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 300; ++i) {
            StoreBatch batch;
            const std::string key = "k" + std::to_string(random.below(200));
            switch (random.below(4)) {
            case 0: {
                const std::string to = key + "5";
                batch.erase_range(as_bytes(key), as_bytes(to));
                expected.erase(expected.lower_bound(key), expected.lower_bound(to));
                break;
            }
            case 1:
                batch.erase(as_bytes(key));
                expected.erase(key);
                break;
            default: {
                const std::string value(random.below(500), static_cast<char>('a' + random.below(26)));
                batch.put(as_bytes(key), as_bytes(value));
                expected[key] = value;
            }
            }
            subject->submit({0}, std::move(batch));
        }
        EXPECT_EQ(reopen(2), expected);
    }
}

INSTANTIATE_TEST_SUITE_P(, StoreContract, testing::Values("model", "rocksdb"), [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace junctor
