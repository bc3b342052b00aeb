#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace junctor {

/// A number that cannot be mistaken for another number.
template <class Tag, class Number>
struct StrongId {
    Number value{};

    friend constexpr auto operator<=>(StrongId, StrongId) = default;
};

/// One thread with its event loop; 0 is the first.
using CoreId = StrongId<struct CoreTag, std::uint16_t>;

/// Who has something served on the process's addresses: a configured connector, the admin API. 0 is nobody; never given twice.
using OwnerId = StrongId<struct OwnerTag, std::uint16_t>;

/// A topic root that its principals cannot see beyond; 0 is the default tenant.
using TenantId = StrongId<struct TenantTag, std::uint32_t>;

/// What a caller gave with a question, to recognise the answer by.
using Token = StrongId<struct TokenTag, std::uint64_t>;

/// A live session of this process: its home core, its slot there and the slot's generation. 0 is nobody.
struct SessionId {
    std::uint64_t value = 0;

    static constexpr SessionId make(CoreId core, std::uint32_t generation, std::uint32_t slot) noexcept {
        return {std::uint64_t{core.value} << 56 | std::uint64_t{generation & 0xff'ffff} << 32 | slot};
    }
    constexpr CoreId core() const noexcept { return {static_cast<std::uint16_t>(value >> 56)}; }
    constexpr std::uint32_t generation() const noexcept { return static_cast<std::uint32_t>(value >> 32) & 0xff'ffff; }
    constexpr std::uint32_t slot() const noexcept { return static_cast<std::uint32_t>(value); }
    constexpr explicit operator bool() const noexcept { return value != 0; }
    friend constexpr auto operator<=>(SessionId, SessionId) = default;
};

/// Names a message for ever: gateway, core and counter. Printed only where somebody asks for it.
struct MessageId {
    std::uint32_t gateway = 0;
    CoreId core;
    std::uint64_t counter = 0;

    friend constexpr auto operator<=>(const MessageId&, const MessageId&) = default;
};

}  // namespace junctor

template <class Tag, class Number>
struct std::hash<junctor::StrongId<Tag, Number>> {
    std::size_t operator()(junctor::StrongId<Tag, Number> id) const noexcept { return std::hash<Number>{}(id.value); }
};

template <>
struct std::hash<junctor::SessionId> {
    std::size_t operator()(junctor::SessionId id) const noexcept { return std::hash<std::uint64_t>{}(id.value); }
};
