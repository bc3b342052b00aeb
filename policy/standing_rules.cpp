#include "policy/standing_rules.hpp"

#include "core/model/topic.hpp"
#include "core/ports/http.hpp"

namespace junctor {
namespace {

using Outcome = Verdict::Outcome;

constexpr std::string_view rule_name = "standing";

Verdict denied(std::string_view reason) { return {Outcome::deny, std::string(reason), std::string(rule_name)}; }

Verdict allowed() { return {Outcome::allow, {}, std::string(rule_name)}; }

/// Knowing the address of an inbox is the right to answer it, once.
std::optional<Verdict> publishing(const Question& question) {
    if (is_inbox(question.object)) return allowed();
    if (question.object.starts_with('$') && !is_addressed(question.object)) return denied("first levels with $ are the gateway's own");
    return std::nullopt;
}

std::optional<Verdict> subscribing(const Question& question) {
    if (!is_addressed(question.object)) return std::nullopt;
    return is_own_address(question.session, question.object) ? allowed() : denied("this address is another one's own");
}

/// What is addressed to a session its sender was allowed to send.
std::optional<Verdict> receiving(const Question& question) {
    return is_own_address(question.session, question.object) ? std::optional(allowed()) : std::nullopt;
}

}  // namespace

bool is_inbox(std::string_view topic) noexcept { return topic.starts_with(inbox_prefix); }

bool is_addressed(std::string_view topic) noexcept { return is_inbox(topic) || topic.starts_with(session_prefix); }

bool is_own_address(std::string_view session, std::string_view topic) {
    if (session.empty() || !topic.starts_with(session_prefix)) return false;
    const std::string_view name = topic.substr(session_prefix.size());
    return name == session || percent_decode(name) == session;
}

std::optional<Verdict> standing_verdict(const Question& question) {
    if (!question.object.starts_with('$')) return std::nullopt;
    switch (question.verb) {
        case Verb::publish:
        case Verb::request: return publishing(question);
        case Verb::subscribe: return subscribing(question);
        case Verb::receive: return receiving(question);
        default: return std::nullopt;
    }
}

}  // namespace junctor
