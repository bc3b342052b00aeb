#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace junctor::matrix {

/// The member of an event's content that says where it stands among those that a gateway has sent to the room.
inline constexpr const char* order_key = "junctor.order";

/// A homeserver that pushes may leave events out until later: who gets one sees by this whether it has the one before.
struct OrderMark {
    std::string chain;         ///< of one run of a gateway
    std::uint64_t number = 0;  ///< in that chain and room, from 1
    std::string after{};       ///< the event before, by its id; empty: the first one, or nobody knows
};

/// Nothing where there is none, as in what people write, or none that makes sense. Never throws.
std::optional<OrderMark> order_of(const nlohmann::json& content);
/// An object's text with the mark in it; that object has members already.
std::string with_order(std::string object, const OrderMark& mark);

/// The marks that a gateway gives. One event is under way at a time, so the one before is known.
class GivenOrder {
public:
    /// Another chain, in all rooms: what became of the last one is not known, or there was none.
    void begin(std::string chain, std::size_t rooms);
    OrderMark next(std::size_t room) const;
    /// The homeserver has taken the next one.
    void sent(std::size_t room, std::string event);

private:
    struct Last {
        std::uint64_t number = 0;
        std::string event{};
    };

    std::string chain_;
    std::vector<Last> last_;  ///< by room
};

}  // namespace junctor::matrix
