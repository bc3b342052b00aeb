#include "gateway/explain_command.hpp"

#include <algorithm>
#include <ostream>

#include "core/base/setup_error.hpp"
#include "core/config/nearest_name.hpp"
#include "core/model/topic.hpp"
#include "core/model/topic_filter.hpp"
#include "core/runtime/event_loop.hpp"
#include "core/runtime/system_clock.hpp"
#include "core/web/outbound_client.hpp"
#include "gateway/policy_assembly.hpp"
#include "policy/judge.hpp"

namespace junctor {

namespace {

Verb verb_named(const std::string& name) {
    if (const std::optional<Verb> verb = verb_of(name)) return *verb;
    std::vector<std::string> names;
    for (std::size_t verb = 0; verb < verb_count; ++verb) names.emplace_back(to_string(static_cast<Verb>(verb)));
    throw SetupError("'" + name + "' is no verb" + config::suggestion(name, names));
}

PrincipalRef principal(const ExplainCommand& command, Tenants& tenants) {
    const std::optional<TenantId> tenant = tenants.find(command.tenant);
    if (!tenant) throw SetupError("the tenant '" + command.tenant + "' does not stand under 'tenants:'");
    Ref<Principal> who(new Principal(*tenant, command.user));
    who->tenant_name = command.tenant;
    who->groups = command.groups;
    for (const std::string& claim : command.claims) {
        const std::size_t equals = claim.find('=');
        if (equals == std::string::npos) throw SetupError("--claim takes NAME=VALUE, not '" + claim + "'");
        who->attributes[claim.substr(0, equals)] = claim.substr(equals + 1);
    }
    return who;
}

void require_object(Verb verb, const std::string& topic) {
    if (!has_object(verb)) {
        if (!topic.empty()) throw SetupError("'" + std::string(to_string(verb)) + "' is about no topic");
        return;
    }
    if (topic.empty()) throw SetupError("'" + std::string(to_string(verb)) + "' is about a topic: name it by --topic");
    const bool good = verb == Verb::subscribe ? TopicFilter::parse({}, topic).has_value() : Topic::parse({}, topic).has_value();
    if (!good) throw SetupError("--topic '" + topic + "' is no topic " + (verb == Verb::subscribe ? "filter" : "name"));
}

/// Waits until those who decide elsewhere have answered, or the time that their entries give them is over.
class Answers final : private Waiter {
public:
    Answers(Judge& judge, EventLoop& loop) : Waiter(judge.inquiries()), judge_(judge), loop_(loop) {}

    /// What they say counts as long as this lives.
    void await(const Question& question) {
        begin_asking();
        judge_.ask(question, *this);
        end_asking();
        if (!known_) loop_.run();
    }

private:
    void known() noexcept override {
        known_ = true;
        loop_.stop();
    }

    Judge& judge_;
    EventLoop& loop_;
    bool known_ = false;
};

std::string said(const Verdict& verdict) {
    std::string text(to_string(verdict.outcome));
    if (!verdict.reason.empty()) text += ": " + verdict.reason;
    if (!verdict.rule.empty()) text += " (" + verdict.rule + ")";
    return text;
}

std::string padded(std::string_view text, std::size_t width) {
    return std::string(text) + std::string(width > text.size() ? width - text.size() : 0, ' ');
}

void print(const Explanation::Step& step, std::ostream& out) {
    out << step.authorizer << ": " << said(step.verdict) << '\n';
    std::size_t width = 0;
    for (const RuleTrial& trial : step.rules) width = std::max(width, trial.rule.size());
    for (const RuleTrial& trial : step.rules)
        out << (trial.why_not.empty() ? "  * " : "    ") << padded(to_string(trial.effect), 7) << padded(trial.rule, width + 2)
            << (trial.why_not.empty() ? "applies" : trial.why_not) << '\n';
}

}  // namespace

void explain(const ExplainCommand& command, const std::vector<Descriptor>& descriptors, std::ostream& out) {
    SystemClock clock;
    const Limits limits;
    CoreMesh mesh(1);
    EventLoop loop({CoreId{0}, clock, limits, mesh});
    web::OutboundClient outbound({}, clock, [&loop](CoreId, std::function<void()> task) { loop.post([run = std::move(task)](Core&) { run(); }); });
    const Configuration configuration = load_configuration(command.config, descriptors);
    const PolicyPtr policy = assemble_policy(configuration, {.clock = clock,
                                                             .post = [&loop](CoreId, std::function<void(Core&)> task) { loop.post(std::move(task)); },
                                                             .changed = [] {},
                                                             .metrics = [&loop](CoreId) -> Metrics& { return loop.core().metrics(); },
                                                             .outbound = &outbound,
                                                             .directory = {},
                                                             .tenants = {}});
    Verb verb = verb_named(command.verb);
    require_object(verb, command.topic);
    if (verb == Verb::receive && command.topic.starts_with(events_prefix)) verb = Verb::presence;
    const PrincipalRef who = principal(command, *policy->tenants);
    const Question question{who, verb, command.topic, command.client_id, command.protocol, CoreId{0}};
    Judge judge(loop.core(), policy);
    Answers answers(judge, loop);
    if (judge.asks_others()) answers.await(question);
    const Explanation explanation = judge.explain(question);
    for (const Explanation::Step& step : explanation.steps) print(step, out);
    out << "verdict: " << said(explanation.verdict) << '\n';
    for (const QuotaUse& quota : Quotas::in_force(policy->limits))
        out << "quota: " << to_string(quota.limit) << ' ' << quota.most << " for each " << to_string(quota.scope) << '\n';
}

}  // namespace junctor
