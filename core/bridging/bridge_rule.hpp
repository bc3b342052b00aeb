#pragma once

#include <optional>
#include <string>

#include "core/model/envelope.hpp"
#include "core/model/topic_filter.hpp"

namespace junctor {

/// What a bridge carries in one direction, and under which name it arrives.
struct BridgeRule {
    TopicFilter filter;   ///< of the side that a message comes from
    std::string strip;    ///< what its topic begins with there and loses on the way; empty: nothing
    std::string add;      ///< what stands before the rest of it on the other side
    Qos max_qos = Qos::at_least_once;

    /// The topic on the other side. Nothing where the topic does not begin with `strip`, or what remains is no topic that clients may use.
    std::optional<std::string> rewrite(const Topic& topic) const;
    /// Whether any topic of the filter begins with `strip`.
    bool carries_any() const noexcept;
};

}  // namespace junctor
