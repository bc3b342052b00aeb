#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace junctor::mqtt {

/// The topics that a client has given short numbers (5.0 section 3.3.2.3.4); valid for its connection.
class TopicAliases {
public:
    /// What CONNACK announces.
    static constexpr std::uint16_t maximum = 10;

    static constexpr bool valid(std::uint32_t alias) noexcept { return alias >= 1 && alias <= maximum; }

    void set(std::uint32_t alias, std::string_view topic) { topics_[alias - 1].assign(topic); }
    /// Empty when the alias has no topic yet.
    std::string_view topic(std::uint32_t alias) const noexcept { return topics_[alias - 1]; }

private:
    std::array<std::string, maximum> topics_;
};

}  // namespace junctor::mqtt
