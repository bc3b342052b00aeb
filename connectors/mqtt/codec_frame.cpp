#include "connectors/mqtt/codec_fields.hpp"

namespace junctor::mqtt {

HeadState read_head(Bytes bytes, FrameHead& head) noexcept {
    constexpr std::size_t longest = 5;
    std::uint32_t remaining = 0;
    for (std::size_t at = 1; at < longest; ++at) {
        if (at >= bytes.size()) return HeadState::incomplete;
        remaining |= static_cast<std::uint32_t>(bytes[at] & 0x7F) << (7 * (at - 1));
        if ((bytes[at] & 0x80) != 0) continue;
        head = {bytes[0], static_cast<std::uint8_t>(at + 1), remaining};
        return HeadState::complete;
    }
    return HeadState::malformed;
}

std::uint8_t write_variable(std::uint32_t value, std::uint8_t* out) noexcept {
    std::uint8_t size = 0;
    for (; value >= 0x80; value >>= 7) out[size++] = static_cast<std::uint8_t>(value | 0x80);
    out[size++] = static_cast<std::uint8_t>(value);
    return size;
}

bool read_variable(ByteReader& from, std::uint32_t& value) noexcept {
    std::uint8_t raw[4];
    for (std::size_t at = 0; at < sizeof raw; ++at) {
        raw[at] = from.u8();
        if ((raw[at] & 0x80) != 0) continue;
        value = 0;
        for (std::size_t i = at + 1; i-- > 0;) value = value << 7 | (raw[i] & 0x7F);
        return !from.failed() && variable_size(value) == at + 1;
    }
    return false;
}

Bytes read_sized(ByteReader& from) noexcept { return from.take(from.u16()); }

bool Filters::next(Filter& filter) noexcept {
    if (bytes_.empty() || bytes_.failed()) return false;
    filter.text = as_text(read_sized(bytes_));
    filter.options = with_options_ ? bytes_.u8() : 0;
    return !bytes_.failed();
}

}  // namespace junctor::mqtt
