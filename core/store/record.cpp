#include "core/store/record.hpp"

#include "core/base/byte_reader.hpp"
#include "core/store/crc32c.hpp"

namespace junctor {

namespace {

constexpr std::uint8_t version = 1;

std::uint32_t checksum(Bytes key, Bytes body_and_version) noexcept { return Crc32c().add(key).add(body_and_version).value(); }

}  // namespace

Bytes seal(Bytes key, ByteBuffer& body) {
    body.push_back(version);
    const std::uint32_t sum = checksum(key, body);
    for (int shift = 24; shift >= 0; shift -= 8) body.push_back(static_cast<std::uint8_t>(sum >> shift));
    return body;
}

std::optional<Bytes> unseal(Bytes key, Bytes value) noexcept {
    if (value.size() < seal_bytes) return std::nullopt;
    const Bytes sealed = value.first(value.size() - 4);
    const std::uint32_t sum = ByteReader(value.last(4)).u32();
    if (sealed.back() != version || checksum(key, sealed) != sum) return std::nullopt;
    return sealed.first(sealed.size() - 1);
}

}  // namespace junctor
