#pragma once

#include <string>

namespace junctor {

// What is wrong with the number after an option, as it goes on behind the option's name; empty: nothing.

/// How many: digits, from 1 to what 64 bits hold.
std::string not_a_count(const std::string& text);

/// How long: as `parse_duration` reads it, and more than nothing.
std::string not_a_time(const std::string& text);

/// Not empty: what a script has no value for is not to be taken for "none".
std::string no_text(const std::string& text);

/// `0`, `1` or `2`.
std::string not_a_qos(const std::string& text);

}  // namespace junctor
