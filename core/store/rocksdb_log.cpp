#include "core/store/rocksdb_log.hpp"

#include <array>
#include <charconv>
#include <cstdio>

#include "core/observe/log.hpp"

namespace junctor {

namespace {

/// Of `000012.log: dropping 4711 bytes; Corruption: ...`: the number.
std::uint64_t dropped_in(std::string_view line) noexcept {
    constexpr std::string_view word = "dropping ";
    const std::size_t at = line.find(word);
    std::uint64_t bytes = 0;
    if (at != line.npos) std::from_chars(line.data() + at + word.size(), line.data() + line.size(), bytes);
    return bytes;
}

}  // namespace

void RocksdbLog::Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) {
    if (level < rocksdb::InfoLogLevel::WARN_LEVEL || level == rocksdb::InfoLogLevel::HEADER_LEVEL) return;
    std::array<char, 1'024> line;
    if (std::vsnprintf(line.data(), line.size(), format, arguments) < 0) return;
    dropped_bytes_.fetch_add(dropped_in(line.data()), std::memory_order_relaxed);
    log_debug("store", "RocksDB", {{"says", line.data()}});
}

}  // namespace junctor
