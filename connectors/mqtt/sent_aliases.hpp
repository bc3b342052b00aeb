#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/topic.hpp"

namespace junctor::mqtt {

/// The short numbers that topics have towards one client (5.0 section 3.3.2.3.4). When all are given, the one that was not used for
/// the longest time goes to the next topic.
class SentAliases {
public:
    /// So many at most, whatever the client takes: more cost more to look through than they save.
    static constexpr std::uint16_t most = 32;

    struct Alias {
        std::uint16_t number = 0;  ///< 0: none
        bool known = false;        ///< the client has it already: the topic stays out
    };

    explicit SentAliases(std::uint16_t client_maximum) noexcept : limit_(client_maximum < most ? client_maximum : most) {}

    /// The alias for the next message on that topic, which is sent.
    Alias use(const Topic& topic) noexcept;
    /// The message that was to tell the client of this alias was not sent.
    void forget(std::uint16_t number) noexcept { entries_[number - 1U].text.clear(); }

private:
    struct Entry {
        std::uint64_t hash = 0;
        std::uint64_t used = 0;
        std::string text;
    };

    std::size_t place_for_new() noexcept;

    std::vector<Entry> entries_;
    std::uint64_t uses_ = 0;
    std::uint16_t limit_;
};

}  // namespace junctor::mqtt
