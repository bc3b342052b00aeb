#pragma once

#include <string>
#include <vector>

#include "core/config/problems.hpp"

namespace junctor::config {

/// One value of a document, with the place where it stands.
struct Node {
    enum class Kind : std::uint8_t { nothing, scalar, list, map, reported };  ///< reported: what stands there has been refused already

    Kind kind = Kind::nothing;
    Position at;
    std::string text;         ///< scalar
    std::vector<Node> keys;   ///< map: scalars, all different; `items[i]` is the value of `keys[i]`
    std::vector<Node> items;  ///< list, map

    const Node* find(std::string_view key) const noexcept {
        for (std::size_t i = 0; i < keys.size(); ++i)
            if (keys[i].text == key) return &items[i];
        return nullptr;
    }
};

}  // namespace junctor::config
