#include "connectors/mqtt/codec.hpp"
#include "core/base/utf8.hpp"

namespace junctor::mqtt {

namespace {

/// The length of the well-formed multi-byte sequence at the start of `bytes`; 0 if there is none, or if it is one of the control
/// characters U+0080 to U+009F.
std::size_t sequence_size(Bytes bytes) noexcept {
    const bool control = bytes[0] == 0xC2 && bytes.size() > 1 && bytes[1] < 0xA0;
    return control ? 0 : utf8_sequence(as_text(bytes));
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
