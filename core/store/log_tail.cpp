#include "core/store/log_tail.hpp"

#include <algorithm>
#include <fstream>
#include <optional>

#include "core/store/crc32c.hpp"

namespace junctor {
namespace {

constexpr std::size_t block_size = 32 << 10;
constexpr std::size_t length_at = 4, type_at = 6;
constexpr std::size_t plain_head = 7;
constexpr std::size_t numbered_head = 11;  ///< of types that repeat the log's number
constexpr std::uint8_t first_numbered_type = 5;
constexpr std::uint8_t last_type = 8;

struct Tail {
    std::uintmax_t at = 0;      ///< of the record
    std::uint16_t length = 0;   ///< that fits
};

ByteBuffer content_of(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return ByteBuffer(std::istreambuf_iterator<char>(stream), {});
}

std::size_t length_of(Bytes record) noexcept { return record[length_at] | std::size_t{record[length_at + 1]} << 8; }

std::size_t head_of(Bytes record) noexcept { return record[type_at] >= first_numbered_type ? numbered_head : plain_head; }

/// Stored rotated, so that a checksum of something that holds checksums is none itself.
std::uint32_t checksum_of(Bytes record) noexcept {
    const std::uint32_t stored = record[0] | std::uint32_t{record[1]} << 8 | std::uint32_t{record[2]} << 16 | std::uint32_t{record[3]} << 24;
    const std::uint32_t rotated = stored - 0xa282ead8U;
    return rotated >> 17 | rotated << 15;
}

/// `record` reaches from its head to the end of the file.
bool is_whole(Bytes record) noexcept {
    if (record[type_at] == 0 || record[type_at] > last_type || record.size() < head_of(record)) return false;
    return Crc32c().add(record.subspan(type_at)).value() == checksum_of(record);
}

/// The last record, where its length leads beyond the file and its checksum says that it is all there.
std::optional<Tail> damaged_tail(Bytes log) noexcept {
    std::size_t at = 0;
    while (at + plain_head <= log.size()) {
        const std::size_t left_in_block = block_size - at % block_size;
        if (left_in_block < plain_head) {
            at += left_in_block;
            continue;
        }
        const Bytes record = log.subspan(at);
        const std::size_t size = head_of(record) + length_of(record);
        if (size <= left_in_block && size <= record.size()) {
            at += size;
            continue;
        }
        if (record.size() > left_in_block || !is_whole(record)) return std::nullopt;
        return Tail{at, static_cast<std::uint16_t>(record.size() - head_of(record))};
    }
    return std::nullopt;
}

}  // namespace

bool ends_in_damaged_length(const std::filesystem::path& log) { return damaged_tail(content_of(log)).has_value(); }

void mend_last_length(const std::filesystem::path& log) {
    const std::optional<Tail> tail = damaged_tail(content_of(log));
    if (!tail) return;
    std::fstream file(log, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(tail->at + length_at));
    file.put(static_cast<char>(tail->length & 0xff)).put(static_cast<char>(tail->length >> 8));
}

}  // namespace junctor
