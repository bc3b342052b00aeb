#include "policy/authorizers/acl/rule.hpp"

#include <algorithm>

#include "core/model/topic.hpp"

namespace junctor::acl {
namespace {

bool holds(const std::vector<std::string>& list, std::string_view text) noexcept {
    return std::find(list.begin(), list.end(), text) != list.end();
}

bool shares(const std::vector<std::string>& a, const std::vector<std::string>& b) noexcept {
    return std::any_of(a.begin(), a.end(), [&](const std::string& each) { return holds(b, each); });
}

bool has_attribute(const Principal& who, const Rule::Attribute& wanted) noexcept {
    const auto found = who.attributes.find(wanted.name);
    return found != who.attributes.end() && (!wanted.value || found->second == *wanted.value);
}

/// Without topics a rule that denies is about all of them, one that allows about all but the gateway's own, as the filter `#` is.
bool about_topic(const Rule& rule, const Question& question) noexcept {
    if (!has_object(question.verb)) return rule.topics.empty();
    if (rule.topics.empty()) return !rule.allows || !question.object.starts_with('$');
    return std::any_of(rule.topics.begin(), rule.topics.end(), [&](const TopicPattern& each) { return each.covers(question); });
}

}  // namespace

bool Rule::about(const Question& question) const noexcept {
    const Principal& who = *question.principal;
    return (principals.empty() || holds(principals, who.name)) && (groups.empty() || shares(groups, who.groups)) &&
           (tenants.empty() || holds(tenants, who.tenant_name)) &&
           std::all_of(attributes.begin(), attributes.end(), [&](const Attribute& each) { return has_attribute(who, each); });
}

bool Rule::applies(const Question& question) const noexcept { return about(question) && about_topic(*this, question); }

std::string_view Rule::why_not(const Question& question) const noexcept {
    const Principal& who = *question.principal;
    if (!about(question.verb)) return "another verb";
    if (!principals.empty() && !holds(principals, who.name)) return "another principal";
    if (!groups.empty() && !shares(groups, who.groups)) return "not in its groups";
    if (!tenants.empty() && !holds(tenants, who.tenant_name)) return "another tenant";
    if (!about(question)) return "without its attributes";
    if (!about_topic(*this, question)) return "its topics do not cover it";
    return {};
}

}  // namespace junctor::acl
