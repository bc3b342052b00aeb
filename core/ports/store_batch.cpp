#include <cassert>
#include <cstring>

#include "core/base/byte_reader.hpp"
#include "core/ports/store.hpp"

namespace junctor {
namespace {

constexpr std::size_t head_bytes = 9;

std::uint8_t* write_u32(std::uint8_t* at, std::size_t number) noexcept {
    for (int shift = 24; shift >= 0; shift -= 8) *at++ = static_cast<std::uint8_t>(number >> shift);
    return at;
}

std::uint8_t* write_bytes(std::uint8_t* at, Bytes bytes) noexcept {
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    return at + bytes.size();
}

}  // namespace

void StoreBatch::write(Change change, Bytes first, Bytes second) {
    const std::size_t before = bytes_.size();
    bytes_.resize(before + head_bytes + first.size() + second.size());
    std::uint8_t* at = bytes_.data() + before;
    *at++ = static_cast<std::uint8_t>(change);
    at = write_u32(at, first.size());
    at = write_u32(at, second.size());
    at = write_bytes(at, first);
    write_bytes(at, second);
}

void StoreBatch::put(Bytes key, Bytes value) { write(Change::put, key, value); }
void StoreBatch::erase(Bytes key) { write(Change::erase, key, {}); }
void StoreBatch::erase_range(Bytes from, Bytes to) { write(Change::erase_range, from, to); }

void StoreBatch::replay(Visitor& visitor) const {
    ByteReader reader(bytes_);
    while (!reader.empty()) {
        const auto change = static_cast<Change>(reader.u8());
        const std::uint32_t first_size = reader.u32();
        const std::uint32_t second_size = reader.u32();
        const Bytes first = reader.take(first_size);
        const Bytes second = reader.take(second_size);
        assert(!reader.failed());
        switch (change) {
        case Change::put: visitor.put(first, second); break;
        case Change::erase: visitor.erase(first); break;
        case Change::erase_range: visitor.erase_range(first, second); break;
        }
    }
}

}  // namespace junctor
