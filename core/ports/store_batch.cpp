#include <cassert>

#include "core/base/byte_reader.hpp"
#include "core/ports/store.hpp"

namespace junctor {
namespace {

void append_u32(ByteBuffer& to, std::size_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<std::uint8_t>(number >> shift));
}

}  // namespace

void StoreBatch::write(Change change, Bytes first, Bytes second) {
    bytes_.push_back(static_cast<std::uint8_t>(change));
    append_u32(bytes_, first.size());
    append_u32(bytes_, second.size());
    append(bytes_, first);
    append(bytes_, second);
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
