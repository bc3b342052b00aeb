#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/model/topic_filter.hpp"

namespace junctor::mqtt {

/// How topics stand at a broker that joins gateways. Those of the default tenant stand as they are; the others', and what is the
/// gateways' own (`$inbox/`, `$to/`, `$backbone/`), below one level that nobody else may use: `<control>/<tenant>/<topic>`.
/// What is passed on to a group's members elsewhere stands at `<control>/<tenant>/$group/<hash of its filter>/<how often it has been>/<topic>`.
class WireTopics {
public:
    explicit WireTopics(std::string control) : prefix_(std::move(control) + '/') {}

    /// Nothing for a topic of the default tenant that lies below the control level: it would be taken for another one.
    std::optional<std::string> to_wire(const Topic& topic) const;
    std::optional<std::string> to_wire(const TopicFilter& filter) const;

    /// Where a message for the group `filter` stands that is passed on for the `passes`th time, and the filter by which its members get that. The hash
    /// may be another group's, too: whoever gets it looks whether it matches.
    std::string passing(const TopicFilter& group, std::uint8_t passes, const Topic& topic) const;
    std::string passing_filter(const TopicFilter& group) const;

    struct Place {
        TenantId tenant;
        std::string_view text;
        std::uint8_t passes = 0;
    };
    /// Views into `wire`. Nothing for what is below the control level and none of ours.
    std::optional<Place> from_wire(std::string_view wire) const noexcept;

    /// Of any tenant: `rest` is what follows it.
    std::string any_tenant(std::string_view rest) const { return prefix_ + "+/" + std::string(rest); }

private:
    std::optional<std::string> placed(TenantId tenant, std::string_view text) const;
    std::string passing_level(const TopicFilter& group) const;

    std::string prefix_;
};

}  // namespace junctor::mqtt
