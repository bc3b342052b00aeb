#include "policy/callout/remote_authorizer.hpp"

#include <algorithm>

#include "core/observe/log.hpp"
#include "core/runtime/core.hpp"

namespace junctor {
namespace {

std::string_view to_text(Verdict::Outcome outcome) noexcept {
    return outcome == Verdict::Outcome::deny ? "deny" : outcome == Verdict::Outcome::allow ? "allow" : "abstain";
}

}  // namespace

RemoteAuthorizer::RemoteAuthorizer(CalloutSettings settings, const PolicyParts& parts)
    : settings_(std::move(settings)),
      parts_(parts),
      name_(parts.name),
      questions_(counter("junctor_authorizer_questions_total", "Questions to external authorizers", {{"authorizer", name_}})),
      failures_(counter("junctor_authorizer_failures_total", "Questions to external authorizers without an answer, by what counted instead",
                        {{"authorizer", name_}, {"verdict", std::string(to_text(settings_.on_failure))}})) {}

std::optional<Verdict::Outcome> RemoteAuthorizer::cached(const Question& question) const noexcept {
    if (asked_about(question.verb)) return std::nullopt;
    const bool delivery = question.verb == Verb::receive || question.verb == Verb::presence;
    return delivery && asked_about(Verb::subscribe) ? Verdict::Outcome::allow : Verdict::Outcome::abstain;
}

void RemoteAuthorizer::authorize(const Question& question, std::function<void(Verdict)> done) {
    if (const auto known = cached(question)) return done({*known, "", name_});
    const CoreId core = question.core;
    Batch& batch = gathered_[core.value % gathered_.size()];
    batch.questions.emplace_back(question);
    batch.done.push_back(std::move(done));
    if (batch.questions.size() >= this->batch()) return flush(core);
    if (batch.questions.size() == 1) parts_.post(core, [self = shared_from_this(), core](Core&) { self->flush(core); });
}

void RemoteAuthorizer::flush(CoreId core) {
    Batch& batch = gathered_[core.value % gathered_.size()];
    if (!batch.questions.empty()) send(std::exchange(batch, {}));
}

void RemoteAuthorizer::send(Batch batch) {
    const CoreId core = batch.questions.front().core;
    parts_.metrics(core).add(questions_, batch.questions.size());
    OutboundRequest wanted = request(batch.questions);
    wanted.makes_sense = [self = shared_from_this(), count = batch.questions.size()](const HttpResponse& response) {
        return self->read(response, count).size() == count;
    };
    const auto asked = std::make_shared<const Batch>(std::move(batch));
    const auto call = parts_.outbound->send(core, std::move(wanted), [self = shared_from_this(), asked](OutboundAnswer answer) {
        self->answered(*asked, answer);
    });
    call->let_go();  // whatever becomes of those who asked, the answer is worth remembering
}

void RemoteAuthorizer::answered(const Batch& batch, const OutboundAnswer& answer) {
    const bool responded = answer.failure == OutboundFailure::none;
    Verdicts verdicts;
    if (responded) verdicts = read(answer.response, batch.questions.size());
    if (verdicts.size() == batch.questions.size()) {
        if (failing_.load(std::memory_order_relaxed) && failing_.exchange(false)) log_info("policy", "an external authorizer answers again", {{"authorizer", name_}});
        for (std::size_t i = 0; i < verdicts.size(); ++i) batch.done[i](bounded(std::move(verdicts[i])));
        return;
    }
    parts_.metrics(batch.questions.front().core).add(failures_, batch.questions.size());
    const std::string why = responded ? "status " + std::to_string(answer.response.status) + " or no answer that it knows" : std::string(to_string(answer.failure));
    if (!failing_.exchange(true))
        log_warning("policy", "an external authorizer gives no answer", {{"authorizer", name_}, {"why", why}, {"counts", std::string(to_text(settings_.on_failure))}});
    for (const auto& done : batch.done) done(failure(why));
}

/// For those who wait now: who comes next asks again.
Verdict RemoteAuthorizer::failure(const std::string& why) const {
    return {settings_.on_failure, "the policy service does not answer", name_ + ": no answer, " + why, Duration::zero()};
}

Verdict RemoteAuthorizer::bounded(Verdict verdict) const {
    const Duration usual = verdict.allowed() ? settings_.allow_ttl : settings_.deny_ttl;
    verdict.valid_for = verdict.valid_for == Duration::max() ? usual : std::min(verdict.valid_for, settings_.max_ttl);
    if (verdict.rule.empty()) verdict.rule = name_;
    return verdict;
}

Verdict RemoteAuthorizer::verdict(bool allowed, std::string reason, std::optional<Duration> ttl) {
    if (reason.empty() && !allowed) reason = "the policy does not allow this";
    return {allowed ? Verdict::Outcome::allow : Verdict::Outcome::deny, std::move(reason), {}, ttl.value_or(Duration::max())};
}

}  // namespace junctor
