#pragma once

#include <string>
#include <string_view>

#include "tests/simulation/rule.hpp"

namespace junctor::simulation {

/// MQTT's matching rule once more, written from the text of MQTT 5.0 section 4.7 and nothing else.
bool reference_match(std::string_view filter, std::string_view topic);

/// The filter inside of `$share/<group>/<filter>`; of any other filter itself.
std::string_view reference_inner(std::string_view filter);

/// ZeroMQ's matching rule, with the gateway's own topics only for who asks for them.
bool reference_prefix_match(std::string_view prefix, std::string_view topic);

/// The filter by which the policy judges a prefix: cut behind its last level.
std::string reference_interest(std::string_view prefix);

/// The policy once more: what nobody forbids is allowed.
bool reference_allows(const Rules& rules, std::string_view principal, Verb verb, std::string_view object);

}  // namespace junctor::simulation
