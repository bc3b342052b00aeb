#include "policy/authorizers/acl/topic_pattern.hpp"

#include <algorithm>

#include "core/config/nearest_name.hpp"
#include "core/model/topic_filter.hpp"
#include "core/model/topic_levels.hpp"

namespace junctor::acl {
namespace {

constexpr std::string_view claim_prefix = "claim.";

}  // namespace

/// Answers what is wrong.
std::string TopicPattern::read(std::string_view text, Level& level) {
    if (text == "+" || text == "#") {
        level.kind = text == "+" ? Level::Kind::any : Level::Kind::rest;
        return {};
    }
    const std::size_t begin = text.find("${");
    level.before = text.substr(0, begin);
    if (begin == text.npos) return {};
    const std::size_t end = text.find('}', begin);
    if (end == text.npos) return "has a '${' without its '}'";
    const std::string name(text.substr(begin + 2, end - begin - 2));
    level.after = text.substr(end + 1);
    if (level.after.find("${") != std::string::npos) return "has two variables in one level, which could not be told apart";
    if (name.starts_with(claim_prefix) && name.size() > claim_prefix.size()) {
        level.variable = Variable::claim;
        level.claim = name.substr(claim_prefix.size());
        return {};
    }
    const std::vector<std::string> names = {"user", "tenant", "client_id", "claim.<name>"};
    const auto found = std::find(names.begin(), names.end() - 1, name);
    if (found == names.end() - 1) return "has the variable '" + name + "', which is none" + config::suggestion(name, names);
    level.variable = static_cast<Variable>(found - names.begin() + 1);
    return {};
}

std::optional<TopicPattern> TopicPattern::parse(std::string_view text, std::string& problem) {
    TopicPattern pattern;
    std::string sample;
    for (TopicLevels levels(text); !levels.done();) {
        Level& level = pattern.levels_.emplace_back();
        problem = read(levels.next(), level);
        if (!problem.empty()) return std::nullopt;
        if (pattern.levels_.size() > 1) sample += '/';
        sample += level.kind == Level::Kind::any ? "+" : level.kind == Level::Kind::rest ? "#" : level.before + "x" + level.after;
    }
    if (text.empty() || !TopicFilter::parse({}, sample) || text.starts_with(share_prefix)) {
        problem = "is no topic filter: levels between '/', '+' for one whole level, '#' as the last one";
        return std::nullopt;
    }
    using Kind = Level::Kind;  // `+/#` is `#` in more words
    if (pattern.levels_.size() == 2 && pattern.levels_[0].kind == Kind::any && pattern.levels_[1].kind == Kind::rest)
        pattern.levels_.erase(pattern.levels_.begin());
    return pattern;
}

std::string_view TopicPattern::value_of(const Level& level, const Question& question) noexcept {
    const Principal& who = *question.principal;
    switch (level.variable) {
        case Variable::none: return {};
        case Variable::user: return who.name;
        case Variable::tenant: return who.tenant_name;
        case Variable::client_id: return question.session;
        case Variable::claim: {
            const auto claim = who.attributes.find(level.claim);
            return claim == who.attributes.end() ? std::string_view() : std::string_view(claim->second);
        }
    }
    return {};
}

bool TopicPattern::same(const Level& level, std::string_view text, const Question& question) noexcept {
    if (level.variable == Variable::none) return text == level.before;
    const std::string_view value = value_of(level, question);
    if (value.empty() || value.find_first_of("/+#") != value.npos) return false;
    return text.size() == level.before.size() + value.size() + level.after.size() && text.starts_with(level.before) &&
           text.ends_with(level.after) && text.substr(level.before.size(), value.size()) == value;
}

/// A topic holds neither `+` nor `#`; where they stand in a filter, only a wildcard covers them.
bool TopicPattern::covers(const Question& question) const noexcept {
    TopicLevels object(question.object);
    bool first = true;
    for (const Level& level : levels_) {
        const bool reserved = first && question.object.starts_with('$');
        first = false;
        if (level.kind == Level::Kind::rest) return !reserved;
        if (object.done()) return false;
        const std::string_view text = object.next();
        // No identity is the first level of the gateway's own topics, either.
        if (reserved && !level.before.starts_with('$')) return false;
        if (level.kind == Level::Kind::any ? text == "#" : !same(level, text, question)) return false;
    }
    return object.done();
}

}  // namespace junctor::acl
