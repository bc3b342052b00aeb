#include "connectors/mqtt/codec.hpp"

namespace junctor::mqtt {

namespace {

bool is_continuation(std::uint8_t byte) noexcept { return (byte & 0xC0) == 0x80; }

/// The length of the well-formed multi-byte sequence at the start of `bytes` (RFC 3629, table of section 4); 0 if there is none,
/// or if it is one of the control characters U+0080 to U+009F.
std::size_t sequence_size(Bytes bytes) noexcept {
    const std::uint8_t lead = bytes[0];
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || bytes.size() < size) return 0;
    for (std::size_t i = 1; i < size; ++i)
        if (!is_continuation(bytes[i])) return 0;
    const std::uint8_t second = bytes[1];
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool surrogate = lead == 0xED && second > 0x9F;
    const bool too_high = lead == 0xF4 && second > 0x8F;
    const bool control = lead == 0xC2 && second < 0xA0;
    return overlong || surrogate || too_high || control ? 0 : size;
}

template <bool is_name>
bool scan(Bytes bytes) noexcept {
    for (std::size_t at = 0; at < bytes.size();) {
        const std::uint8_t byte = bytes[at];
        if (byte >= 0x80) {
            const std::size_t size = sequence_size(bytes.subspan(at));
            if (size == 0) return false;
            at += size;
            continue;
        }
        if (byte < 0x20 || byte == 0x7F) return false;
        if (is_name && (byte == '+' || byte == '#')) return false;
        ++at;
    }
    return true;
}

}  // namespace

bool is_text(Bytes bytes) noexcept { return scan<false>(bytes); }

bool is_topic_name(Bytes bytes) noexcept { return !bytes.empty() && scan<true>(bytes); }

}  // namespace junctor::mqtt
