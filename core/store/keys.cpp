#include "core/store/keys.hpp"

#include <boost/endian/conversion.hpp>
#include <cassert>
#include <cstring>

#include "core/base/byte_reader.hpp"

namespace junctor::keys {

namespace {

/// How many bytes the parts of a key take.
struct Shape {
    std::uint8_t owner;
    std::uint8_t number;
    bool text;
};

constexpr std::array<Shape, 11> shapes{{
    {0, 0, false},  // no kind
    {0, 0, true},   // meta
    {8, 0, false},  // session
    {8, 0, true},   // subscription
    {2, 8, false},  // message
    {8, 8, false},  // queued
    {8, 2, false},  // unreleased
    {8, 0, false},  // will
    {4, 0, true},   // retained
    {8, 8, false},  // history
    {0, 0, true},   // revocation
}};

const Shape& shape_of(Kind kind) noexcept { return shapes[static_cast<std::size_t>(kind)]; }

FixedKey fixed(Kind kind, std::uint64_t owner, std::uint64_t number) noexcept {
    const Shape& shape = shape_of(kind);
    FixedKey key(kind);
    return key.append(owner, shape.owner).append(number, shape.number);
}

ByteBuffer with_text(Kind kind, std::uint64_t owner, std::string_view text) {
    const FixedKey front_key = fixed(kind, owner, 0);
    const Bytes front = front_key;
    ByteBuffer key;
    key.reserve(front.size() + text.size());
    append(key, front);
    append(key, text);
    return key;
}

std::uint64_t read_number(ByteReader& reader, std::size_t width) noexcept {
    std::uint64_t number = 0;
    for (const std::uint8_t byte : reader.take(width)) number = number << 8 | byte;
    return number;
}

}  // namespace

FixedKey& FixedKey::append(std::uint64_t number, std::size_t width) noexcept {
    if (width == 0) return *this;
    // Written whole; what is behind the number's bytes is the next one's, or nobody's.
    const std::uint64_t big = boost::endian::native_to_big(number << 8 * (sizeof number - width));
    assert(size_ + sizeof big <= bytes_.size());
    std::memcpy(bytes_.data() + size_, &big, sizeof big);
    size_ = static_cast<std::uint8_t>(size_ + width);
    return *this;
}

ByteBuffer meta(std::string_view name) { return with_text(Kind::meta, 0, name); }
FixedKey session(std::uint64_t session) noexcept { return fixed(Kind::session, session, 0); }
ByteBuffer subscription(std::uint64_t session, std::string_view filter) { return with_text(Kind::subscription, session, filter); }
FixedKey message(CoreId core, std::uint64_t counter) noexcept { return fixed(Kind::message, core.value, counter); }
FixedKey queued(std::uint64_t session, std::uint64_t sequence) noexcept { return fixed(Kind::queued, session, sequence); }
FixedKey unreleased(std::uint64_t session, std::uint16_t id) noexcept { return fixed(Kind::unreleased, session, id); }
FixedKey will(SessionId session) noexcept { return fixed(Kind::will, session.value, 0); }
ByteBuffer retained(TenantId tenant, std::string_view topic) { return with_text(Kind::retained, tenant.value, topic); }
FixedKey history(std::uint64_t stream, std::uint64_t offset) noexcept { return fixed(Kind::history, stream, offset); }
ByteBuffer revocation(std::string_view what) { return with_text(Kind::revocation, 0, what); }

FixedKey begin_of(Kind kind, std::uint64_t owner) noexcept {
    FixedKey key(kind);
    return key.append(owner, shape_of(kind).owner);
}

FixedKey end_of(Kind kind, std::uint64_t owner) noexcept {
    FixedKey key(kind);
    const std::uint8_t width = shape_of(kind).owner;
    const std::uint64_t last = width == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << 8 * width) - 1;
    if (owner == last) return FixedKey(static_cast<Kind>(static_cast<std::uint8_t>(kind) + 1));
    return key.append(owner + 1, width);
}

std::optional<Parts> parse(Bytes key) noexcept {
    ByteReader reader(key);
    const std::uint8_t kind = reader.u8();
    if (kind == 0 || kind >= shapes.size()) return std::nullopt;
    Parts parts{Kind{kind}, 0, 0, {}};
    const Shape& shape = shape_of(parts.kind);
    parts.owner = read_number(reader, shape.owner);
    parts.number = read_number(reader, shape.number);
    if (shape.text) parts.text = as_text(reader.rest());
    if (reader.failed() || (!shape.text && !reader.empty())) return std::nullopt;
    return parts;
}

}  // namespace junctor::keys
