#include "tests/simulation/checker/reference.hpp"

#include <algorithm>

namespace junctor::simulation {
namespace {

std::vector<std::string_view> levels_of(std::string_view text) {
    std::vector<std::string_view> levels;
    for (std::size_t slash = text.find('/'); slash != std::string_view::npos; slash = text.find('/')) {
        levels.push_back(text.substr(0, slash));
        text.remove_prefix(slash + 1);
    }
    levels.push_back(text);
    return levels;
}

bool levels_match(const std::vector<std::string_view>& filter, const std::vector<std::string_view>& topic, std::size_t at) {
    if (at == filter.size()) return at == topic.size();
    if (filter[at] == "#") return true;
    if (at == topic.size()) return false;
    return (filter[at] == "+" || filter[at] == topic[at]) && levels_match(filter, topic, at + 1);
}

}  // namespace

bool reference_match(std::string_view filter, std::string_view topic) {
    const bool leading_wildcard = filter.starts_with('+') || filter.starts_with('#');
    if (topic.starts_with('$') && leading_wildcard) return false;
    return levels_match(levels_of(filter), levels_of(topic), 0);
}

std::string_view reference_inner(std::string_view filter) {
    constexpr std::string_view mark = "$share/";
    return filter.starts_with(mark) ? filter.substr(filter.find('/', mark.size()) + 1) : filter;
}

bool reference_prefix_match(std::string_view prefix, std::string_view topic) {
    return topic.starts_with(prefix) && !(prefix.empty() && topic.starts_with('$'));
}

std::string reference_interest(std::string_view prefix) {
    const std::size_t slash = prefix.rfind('/');
    return std::string(slash == std::string_view::npos ? std::string_view() : prefix.substr(0, slash + 1)) + "#";
}

bool reference_allows(const Rules& rules, std::string_view principal, Verb verb, std::string_view object) {
    return std::none_of(rules.begin(), rules.end(), [&](const Rule& rule) {
        if (rule.principal != principal || rule.verb != verb) return false;
        return verb == Verb::subscribe ? rule.filter == object : reference_match(rule.filter, object);
    });
}

}  // namespace junctor::simulation
