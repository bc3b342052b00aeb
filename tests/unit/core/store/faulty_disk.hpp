#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace junctor::test {

/// A real file system that knows what was synced, and can be full, fail to sync, or lose its power.
class FaultyDisk final : public rocksdb::FileSystemWrapper {
public:
    FaultyDisk() : FileSystemWrapper(rocksdb::FileSystem::Default()), env_(rocksdb::NewCompositeEnv(rocksdb::FileSystem::Default())) {
        env_ = rocksdb::NewCompositeEnv(std::shared_ptr<rocksdb::FileSystem>(this, [](rocksdb::FileSystem*) {}));
    }
    const char* Name() const override { return "FaultyDisk"; }
    rocksdb::Env* env() { return env_.get(); }

    /// Half of what is appended is written, then the disk is full.
    std::atomic<bool> full{false};
    std::atomic<bool> sync_fails{false};
    std::atomic<int> syncs{0};

    /// The power goes: from here on nothing reaches the disk.
    void cut_power() { dead_ = true; }
    /// When nobody uses it any more: only what was synced is there.
    void lose_unsynced();

    rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result, rocksdb::IODebugContext* context) override;
    rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                   std::unique_ptr<rocksdb::FSDirectory>* result, rocksdb::IODebugContext* context) override;
    rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options, rocksdb::IODebugContext* context) override;
    rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* context) override;

private:
    class File;
    class Directory;

    rocksdb::IOStatus dead() const { return rocksdb::IOStatus::IOError("the power is off"); }
    void synced(const std::string& name, std::uint64_t size);
    void directory_synced(const std::string& dir);

    std::unique_ptr<rocksdb::Env> env_;
    std::atomic<bool> dead_{false};
    std::mutex mutex_;
    std::map<std::string, std::uint64_t> synced_;  ///< bytes of each file that was written
    std::set<std::string> unlisted_;               ///< files whose name is not yet durable
};

}  // namespace junctor::test
