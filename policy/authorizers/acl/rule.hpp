#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/config/schema.hpp"
#include "policy/authorizers/acl/topic_pattern.hpp"

namespace junctor::acl {

/// One rule: whom it is about, what he wants, and where. What it does not say, it does not ask about.
struct Rule {
    struct Attribute {
        std::string name;
        std::optional<std::string> value;  ///< none: any
    };

    bool about(Verb verb) const noexcept { return (verbs >> static_cast<unsigned>(verb) & 1U) != 0; }
    bool about(const Question& question) const noexcept;
    /// Whether it decides this question, whose verb it is about.
    bool applies(const Question& question) const noexcept;
    /// Why it does not, in a few words; empty: it does.
    std::string_view why_not(const Question& question) const noexcept;

    std::string name;  ///< as written, else `file:line`
    bool allows = false;
    std::uint32_t verbs = 0;  ///< a bit each
    std::vector<TopicPattern> topics;  ///< empty: it asks for none
    std::vector<std::string> principals;
    std::vector<std::string> groups;
    std::vector<std::string> tenants;
    std::vector<Attribute> attributes;
};

/// How one rule is written.
config::Schema rule_fields();

/// Reads one; what is wrong is added to the problems, with its place.
std::optional<Rule> read_rule(const config::Section& written, std::vector<std::string>& problems);

}  // namespace junctor::acl
