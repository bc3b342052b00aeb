#include "gateway/setup_problems.hpp"

namespace junctor {

void SetupProblems::add(const std::string& where, const std::string& sentence) {
    const std::string& source = found_.source();
    const bool placed = source == "defaults" || sentence.starts_with(source + ":");
    add_line(where, placed ? sentence : where + ": " + sentence);
}

/// A line about another file stands where that file is named.
void SetupProblems::add_line(const std::string& where, const std::string& line) {
    const auto place = config::place_in(found_.source(), line);
    found_.add_line(place ? *place : config::place_in(found_.source(), where).value_or(config::Position{}), line);
}

}  // namespace junctor
