#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ports/authorizer.hpp"

namespace junctor::acl {

/// A topic filter whose levels may hold one variable each: `${user}`, `${tenant}`, `${client_id}` or `${claim.<name>}`.
///
/// What stands for a variable is literal text within its level: a value that is empty or holds `/`, `+` or `#` matches nothing
/// (threat class 2). So the number of levels and the wildcards are those of the pattern, whoever asks.
class TopicPattern {
public:
    /// Nothing, and a sentence that says why, where `text` is none.
    static std::optional<TopicPattern> parse(std::string_view text, std::string& problem);

    /// Whether every topic that `object` stands for matches: the topic itself, or each one that a filter matches.
    bool covers(const Question& question) const noexcept;

private:
    enum class Variable : std::uint8_t { none, user, tenant, client_id, claim };

    struct Level {
        enum class Kind : std::uint8_t { text, any, rest };

        Kind kind = Kind::text;
        Variable variable = Variable::none;
        std::string before;  ///< the whole level where there is no variable
        std::string claim;
        std::string after;
    };

    static std::string read(std::string_view text, Level& level);
    static bool same(const Level& level, std::string_view text, const Question& question) noexcept;
    static std::string_view value_of(const Level& level, const Question& question) noexcept;

    std::vector<Level> levels_;
};

}  // namespace junctor::acl
