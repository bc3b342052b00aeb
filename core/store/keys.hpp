#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"

namespace junctor::keys {

/// The first byte of every key. The order of the values is the order in which `Store::load` shows the records: whatever refers to
/// something comes after it. A value, once used, never means anything else.
enum class Kind : std::uint8_t {
    meta = 1,          ///< text: a name. What holds for the whole store
    session = 2,       ///< owner: the session
    subscription = 3,  ///< owner: the session; text: the filter
    message = 4,       ///< owner: the core that stores it; number: its counter
    queued = 5,        ///< owner: the session; number: the sequence
    unreleased = 6,    ///< owner: the session; number: the inbound id (exactly once)
    will = 7,          ///< owner: the live session, not a durable one, that leaves it
    retained = 8,      ///< owner: the tenant; text: the topic
    history = 9,       ///< owner: the stream; number: the offset, from 1; 0 is the stream's own record
    revocation = 10,   ///< text: what is revoked
};

/// A key of fixed size, which needs no allocation. Big endian, so that numbers sort as bytes do.
class FixedKey {
public:
    explicit FixedKey(Kind kind) noexcept { append(static_cast<std::uint64_t>(kind), 1); }

    FixedKey& append(std::uint64_t number, std::size_t width) noexcept;
    operator Bytes() const noexcept { return {bytes_.data(), size_}; }

private:
    std::array<std::uint8_t, 24> bytes_;
    std::uint8_t size_ = 0;
};

ByteBuffer meta(std::string_view name);
FixedKey session(std::uint64_t session) noexcept;
ByteBuffer subscription(std::uint64_t session, std::string_view filter);
FixedKey message(CoreId core, std::uint64_t counter) noexcept;
FixedKey queued(std::uint64_t session, std::uint64_t sequence) noexcept;
FixedKey unreleased(std::uint64_t session, std::uint16_t id) noexcept;
FixedKey will(SessionId session) noexcept;
ByteBuffer retained(TenantId tenant, std::string_view topic);
FixedKey history(std::uint64_t stream, std::uint64_t offset) noexcept;
ByteBuffer revocation(std::string_view what);

/// Every key of this kind that belongs to one owner is less than `end_of(kind, owner)` and not less than `begin_of(kind, owner)`.
FixedKey begin_of(Kind kind, std::uint64_t owner) noexcept;
FixedKey end_of(Kind kind, std::uint64_t owner) noexcept;

/// A key taken apart; what its kind does not have is zero or empty.
struct Parts {
    Kind kind;
    std::uint64_t owner = 0;
    std::uint64_t number = 0;
    std::string_view text;  ///< a view into the key

    friend bool operator==(const Parts&, const Parts&) = default;
};

/// Nothing where the bytes are no key of ours.
std::optional<Parts> parse(Bytes key) noexcept;

}  // namespace junctor::keys
