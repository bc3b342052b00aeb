#pragma once

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/model/verdict.hpp"

namespace junctor::test {

/// The rules of an acl once more, in the plainest form that there is: an independent reading of policy/README.md, shared with no code of
/// the program. Filters are compared by trying every topic of a small world.
struct ReferenceAcl {
    struct Rule {
        bool allow;
        std::vector<std::string> verbs;   ///< as written
        std::vector<std::string> topics;  ///< as written; empty: none said
        std::vector<std::string> principals;
        std::vector<std::string> groups;
    };
    struct Who {
        std::string user;
        std::string tenant;
        std::string client_id;
        std::set<std::string> groups;
        std::map<std::string, std::string> claims;
    };

    Verdict::Outcome decide(const Who& who, Verb verb, const std::string& object) const;
    /// As the list that stands in a configuration.
    std::string yaml() const;

    /// Rules, people and questions over few names, so that they meet; some of the names are hostile.
    static ReferenceAcl any(std::mt19937& random);
    static Who anybody(std::mt19937& random);
    static std::pair<Verb, std::string> any_question(std::mt19937& random);

    std::vector<Rule> rules;
};

}  // namespace junctor::test
