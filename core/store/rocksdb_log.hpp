#pragma once

#include <rocksdb/env.h>

#include <atomic>

namespace junctor {

/// What RocksDB has to say goes to our log instead of a file of its own: warnings and errors alone, and as details, for whatever matters comes
/// back from its calls and is told once. Adds up what it reports as dropped when it reads a damaged log. Any thread.
class RocksdbLog final : public rocksdb::Logger {
public:
    RocksdbLog() : Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}

    using Logger::Logv;
    void Logv(const char* format, va_list arguments) override { Logv(rocksdb::InfoLogLevel::WARN_LEVEL, format, arguments); }
    void Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) override;

    std::uint64_t dropped_bytes() const noexcept { return dropped_bytes_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> dropped_bytes_{0};
};

}  // namespace junctor
