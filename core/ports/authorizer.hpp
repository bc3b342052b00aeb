#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/model/principal.hpp"
#include "core/model/verdict.hpp"

namespace junctor {

/// Who wants to do what. Lives only during the call it comes with: whoever answers later copies what it needs.
struct Question {
    const PrincipalRef& principal;
    Verb verb;
    std::string_view object;    ///< a canonical topic or filter; empty where the verb has none
    std::string_view session;   ///< the name of the session that asks (MQTT's client id); empty: it has none
    std::string_view protocol;  ///< static text
    CoreId core;                ///< where the answer is awaited
};

/// One rule that an authorizer has looked at, for people.
struct RuleTrial {
    std::string rule;
    Verdict::Outcome effect = Verdict::Outcome::abstain;  ///< what it does where it applies
    std::string why_not;                                  ///< in a few words why it does not apply; empty: it does
};

/// Says whether a principal may do something. Several are combined: one deny is a deny, else one allow is an allow, else it is a deny.
/// Called on any core, possibly on several at once; destroyed on any thread.
class Authorizer {
public:
    virtual ~Authorizer() = default;
    virtual std::string_view name() const noexcept = 0;

    /// Its policy is in force from here on: the place to begin what goes on by itself. Once, on the main thread, before it is asked.
    virtual void start() {}

    /// It asks others: its answers come late and are remembered for it (`Verdict::valid_for`); what needs one waits. Constant.
    virtual bool remote() const noexcept { return false; }

    /// It is asked about each delivery, too (`receive`, `presence`), not only about the filter by which it comes. Constant; of remote ones only.
    virtual bool judges_deliveries() const noexcept { return false; }

    /// The verdict where it is known now: no allocation, no waiting. nullopt: ask `authorize`.
    virtual std::optional<Verdict::Outcome> cached(const Question& question) const noexcept = 0;

    /// Calls `done` exactly once on the asking core, perhaps before it returns. Says why in any case.
    virtual void authorize(const Question& question, std::function<void(Verdict)> done) = 0;

    /// The rules behind the answer, in their order, where it has any of its own. For explanations.
    virtual std::vector<RuleTrial> tried(const Question&) const { return {}; }
};

}  // namespace junctor
