#include "core/model/topic_cover.hpp"

#include "core/model/topic_levels.hpp"

namespace junctor {
namespace {

bool wild(std::string_view level) noexcept { return level == "+" || level == "#"; }

/// Wildcards in front do not reach the first levels with $, which only names that say so reach.
bool reaches_first_level(std::string_view wide, std::string_view narrow) noexcept {
    return !wild(wide.substr(0, 1)) || narrow.empty() || narrow.front() != '$';
}

/// `a/#` matches `a` as well. Before these there is no topic, so that one more level is always there.
bool parentless(std::string_view narrow) noexcept { return narrow == "#" || narrow == "/#"; }

}  // namespace

bool covers(const TopicFilter& wide, const TopicFilter& narrow) noexcept {
    if (wide.tenant() != narrow.tenant() || !reaches_first_level(wide.text(), narrow.text())) return false;
    TopicLevels outer(wide.text());
    TopicLevels inner(narrow.text());
    while (!outer.done()) {
        const std::string_view allowed = outer.next();
        if (allowed == "#") return true;
        if (inner.done()) return false;
        const std::string_view level = inner.next();
        if (level == "#") return allowed == "+" && parentless(narrow.text()) && outer.next() == "#";
        if (level != allowed && allowed != "+") return false;
    }
    return inner.done();
}

bool overlap(const TopicFilter& one, const TopicFilter& other) noexcept {
    if (one.tenant() != other.tenant()) return false;
    if (!reaches_first_level(one.text(), other.text()) || !reaches_first_level(other.text(), one.text())) return false;
    TopicLevels left(one.text());
    TopicLevels right(other.text());
    while (!left.done() && !right.done()) {
        const std::string_view a = left.next();
        const std::string_view b = right.next();
        if (a == "#" || b == "#") return true;
        if (a != b && a != "+" && b != "+") return false;
    }
    if (left.done() && right.done()) return true;
    return left.done() ? right.next() == "#" && !parentless(other.text()) : left.next() == "#" && !parentless(one.text());
}

}  // namespace junctor
