#include "tests/unit/core/store/faulty_disk.hpp"

#include <filesystem>

namespace junctor::test {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

class FaultyDisk::File final : public rocksdb::FSWritableFileOwnerWrapper {
public:
    File(FaultyDisk& disk, std::string name, std::unique_ptr<rocksdb::FSWritableFile> file)
        : FSWritableFileOwnerWrapper(std::move(file)), disk_(disk), name_(std::move(name)) {}

    IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* context) override {
        if (disk_.dead_) return disk_.dead();
        if (!disk_.full) return FSWritableFileOwnerWrapper::Append(data, options, context);
        FSWritableFileOwnerWrapper::Append({data.data(), data.size() / 2}, options, context);
        return IOStatus::NoSpace("no space left on device");
    }
    IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                    IODebugContext* context) override {
        return Append(data, options, context);
    }
    IOStatus Sync(const IOOptions& options, IODebugContext* context) override { return synced(options, context); }
    IOStatus Fsync(const IOOptions& options, IODebugContext* context) override { return synced(options, context); }
    IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

private:
    /// Nothing has to be really durable here, only to be known as such.
    IOStatus synced(const IOOptions& options, IODebugContext* context) {
        if (disk_.dead_) return disk_.dead();
        if (disk_.sync_fails) return IOStatus::IOError("the device answers with an error");
        const IOStatus flushed = Flush(options, context);
        if (flushed.ok()) disk_.synced(name_, GetFileSize(options, context));
        return flushed;
    }

    FaultyDisk& disk_;
    std::string name_;
};

class FaultyDisk::Directory final : public rocksdb::FSDirectory {
public:
    Directory(FaultyDisk& disk, std::string name) : disk_(disk), name_(std::move(name)) {}
    IOStatus Fsync(const IOOptions&, IODebugContext*) override {
        if (disk_.dead_) return disk_.dead();
        disk_.directory_synced(name_);
        return IOStatus::OK();
    }

private:
    FaultyDisk& disk_;
    std::string name_;
};

IOStatus FaultyDisk::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                     std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* context) {
    if (dead_) return dead();
    std::unique_ptr<rocksdb::FSWritableFile> file;
    IOStatus status = FileSystemWrapper::NewWritableFile(name, options, &file, context);
    if (!status.ok()) return status;
    const std::lock_guard lock(mutex_);
    synced_[name] = 0;
    unlisted_.insert(name);
    *result = std::make_unique<File>(*this, name, std::move(file));
    return status;
}

IOStatus FaultyDisk::NewDirectory(const std::string& name, const IOOptions&, std::unique_ptr<rocksdb::FSDirectory>* result,
                                  IODebugContext*) {
    *result = std::make_unique<Directory>(*this, name);
    return IOStatus::OK();
}

IOStatus FaultyDisk::DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* context) {
    if (dead_) return dead();
    const std::lock_guard lock(mutex_);
    synced_.erase(name);
    unlisted_.erase(name);
    return FileSystemWrapper::DeleteFile(name, options, context);
}

IOStatus FaultyDisk::RenameFile(const std::string& from, const std::string& to, const IOOptions& options, IODebugContext* context) {
    if (dead_) return dead();
    const std::lock_guard lock(mutex_);
    if (const auto file = synced_.find(from); file != synced_.end()) {
        synced_[to] = file->second;
        synced_.erase(from);
    }
    // A rename over a durable name is all or nothing on every file system that journals: it is not undone here.
    unlisted_.erase(from);
    return FileSystemWrapper::RenameFile(from, to, options, context);
}

void FaultyDisk::synced(const std::string& name, std::uint64_t size) {
    ++syncs;
    const std::lock_guard lock(mutex_);
    synced_[name] = size;
}

void FaultyDisk::directory_synced(const std::string& dir) {
    const std::lock_guard lock(mutex_);
    std::erase_if(unlisted_, [&](const std::string& name) { return std::filesystem::path(name).parent_path() == std::filesystem::path(dir); });
}

void FaultyDisk::lose_unsynced() {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, size] : synced_)
        if (std::filesystem::exists(name)) std::filesystem::resize_file(name, size);
    for (const std::string& name : unlisted_) std::filesystem::remove(name);
}

}  // namespace junctor::test
