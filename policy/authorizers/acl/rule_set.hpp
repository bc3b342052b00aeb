#pragma once

#include <array>
#include <unordered_map>
#include <vector>

#include "policy/authorizers/acl/rule.hpp"

namespace junctor::acl {

/// The rules in force, arranged so that a question meets only those of its verb that may be about its principal. Immutable.
class RuleSet {
public:
    explicit RuleSet(std::vector<Rule> rules);

    /// The rule that decides: one that denies, else one that allows, in the order in which they are written; null: none.
    const Rule* find(const Question& question) const noexcept;

    const std::vector<Rule>& rules() const noexcept { return rules_; }

private:
    using Indices = std::vector<std::uint32_t>;

    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };

    /// The rules of one verb that deny, or that allow.
    struct Side {
        Indices for_all;
        std::unordered_map<std::string, Indices, TextHash, std::equal_to<>> by_principal;  ///< those that name principals
    };

    void arrange(std::uint32_t index, Side& side);
    const Rule* find(const Side& side, const Question& question) const noexcept;
    const Rule* first(const Indices& indices, const Question& question) const noexcept;

    std::vector<Rule> rules_;
    std::array<std::array<Side, 2>, verb_count> sides_;  ///< by verb: deny, allow
};

}  // namespace junctor::acl
