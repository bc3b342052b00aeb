#include "policy/authorizers/acl/rule_set.hpp"

namespace junctor::acl {

RuleSet::RuleSet(std::vector<Rule> rules) : rules_(std::move(rules)) {
    for (std::uint32_t index = 0; index < rules_.size(); ++index)
        for (std::size_t verb = 0; verb < verb_count; ++verb)
            if (rules_[index].about(static_cast<Verb>(verb))) arrange(index, sides_[verb][rules_[index].allows ? 1 : 0]);
}

void RuleSet::arrange(std::uint32_t index, Side& side) {
    if (rules_[index].principals.empty()) side.for_all.push_back(index);
    for (const std::string& name : rules_[index].principals) side.by_principal[name].push_back(index);
}

const Rule* RuleSet::first(const Indices& indices, const Question& question) const noexcept {
    for (const std::uint32_t index : indices)
        if (rules_[index].applies(question)) return &rules_[index];
    return nullptr;
}

const Rule* RuleSet::find(const Side& side, const Question& question) const noexcept {
    const Rule* const general = first(side.for_all, question);
    const auto own = side.by_principal.find(std::string_view(question.principal->name));
    const Rule* const named = own == side.by_principal.end() ? nullptr : first(own->second, question);
    if (!general || !named) return general ? general : named;
    return std::min(general, named);  // both stand in one array, in the order of writing
}

const Rule* RuleSet::find(const Question& question) const noexcept {
    const auto& [denying, allowing] = sides_[static_cast<std::size_t>(question.verb)];
    const Rule* const denied = find(denying, question);
    return denied ? denied : find(allowing, question);
}

}  // namespace junctor::acl
