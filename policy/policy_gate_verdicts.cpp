// Verdicts for those who cannot wait within the call that needs them.

#include <algorithm>

#include "policy/audit_trail.hpp"
#include "policy/policy_gate.hpp"

namespace junctor {
namespace {

/// Retained values about which is asked at a time; of more nothing is known, so they are not shown.
constexpr std::size_t most_retained = 10'000;

}  // namespace

/// Waits until questions can be answered, and until who vouched for somebody has been asked again, where that is in doubt.
class PolicyGate::Known final : public VerdictWait, private Waiter {
public:
    Known(PolicyGate& gate, std::vector<KeptQuestion> questions, std::function<void()> then, std::shared_ptr<Vouching> doubted = nullptr)
        : Waiter(gate.judge_.inquiries()), gate_(gate), questions_(std::move(questions)), then_(std::move(then)), doubted_(std::move(doubted)) {}

    void ask() {
        begin_asking();
        for (const KeptQuestion& each : questions_) gate_.judge_.ask(each.view(), *this);
        if (doubted_) confirm();
        end_asking();
    }
    bool over() const noexcept { return over_; }

private:
    void confirm() {
        begin_asking();
        const std::shared_ptr<Vouching> asked = doubted_;
        auto inquiry = asked->ask(gate_.core_.id(), [this](bool holds) { confirmed(holds); });
        if (doubted_) inquiry_ = std::move(inquiry);
    }
    void confirmed(bool holds) {
        const std::unique_ptr<Inquiry> ended = std::move(inquiry_);
        const std::shared_ptr<Vouching> asked = std::exchange(doubted_, nullptr);
        if (holds) asked->trust();
        end_asking();
    }
    void known() noexcept override {
        const auto unknown = [this](const KeptQuestion& each) { return gate_.judge_.unknown(each.view()); };
        inquiry_.reset();
        if (doubted_ || std::ranges::any_of(questions_, unknown)) return ask();
        over_ = true;
        const std::function<void()> then = std::move(then_);
        then();  // which may destroy this
    }

    PolicyGate& gate_;
    bool over_ = false;
    const std::vector<KeptQuestion> questions_;
    std::function<void()> then_;
    std::shared_ptr<Vouching> doubted_;  ///< until it has been asked
    std::unique_ptr<Inquiry> inquiry_;
};

/// May it have the retained values under that filter? What is not known of it.
void PolicyGate::add_retained(const Session& who, std::string_view filter, std::vector<KeptQuestion>& unknown) {
    const Result<TopicFilter> under = TopicFilter::parse(who.principal()->tenant, filter);
    if (!under || under->shared()) return;
    router_.retained(*under, [&](const EnvelopePtr& envelope) {
        const Question question = judge_.question(who, Verb::receive, envelope->topic_text());
        if (judge_.unknown(question)) unknown.emplace_back(question);
        return unknown.size() < most_retained;
    });
}

std::unique_ptr<VerdictWait> PolicyGate::when_known(Session& who, Verb verb, std::string_view object, std::function<void()> then) {
    refresh();
    const Question question = judge_.question(who, verb, object);
    const std::shared_ptr<Vouching>& vouching = who.principal()->vouching;
    const bool in_doubt = verb == Verb::connect && vouching && vouching->doubted();
    std::vector<KeptQuestion> unknown;
    if (judge_.unknown(question)) unknown.emplace_back(question);
    if (verb == Verb::subscribe && judge_.judges_deliveries()) add_retained(who, object, unknown);
    if (!in_doubt && unknown.empty()) return then(), nullptr;
    auto wait = std::make_unique<Known>(*this, std::move(unknown), std::move(then), in_doubt ? vouching : nullptr);
    wait->ask();
    if (wait->over()) return nullptr;
    return wait;
}

void PolicyGate::ask(PrincipalRef who, Verb verb, std::string_view object, std::function<void(Verdict)> done) {
    refresh();
    const Question question{who, verb, object, {}, "admin", core_.id()};
    const auto say = [this, done = std::move(done)](const Question& asked) {
        const Verdict verdict = judge_.judge(asked);
        if (verdict.allowed()) audit::administered(*judge_.policy(), *asked.principal, asked.object);
        done(verdict);
    };
    if (!judge_.unknown(question)) return say(question);
    const KeptQuestion kept(question);
    when_known({kept}, [kept, say] { say(kept.view()); });
}

void PolicyGate::when_known(std::vector<KeptQuestion> questions, std::function<void()> then) {
    const std::uint64_t number = ++last_caller_;
    auto wait = std::make_unique<Known>(*this, std::move(questions), [this, number, then = std::move(then)] {
        const auto until_said = callers_.extract(number);
        then();
    });
    Known& asking = *wait;
    callers_.emplace(number, std::move(wait));
    asking.ask();
}

/// What must be known for a review of the session is asked; false where all of it is.
bool PolicyGate::review_later(Session& session, const std::vector<TopicFilter>& filters) {
    if (!judge_.asks_others()) return false;
    std::vector<KeptQuestion> unknown;
    const auto add = [&](Verb verb, std::string_view object) {
        const Question question = judge_.question(session, verb, object);
        if (judge_.unknown(question)) unknown.emplace_back(question);
    };
    if (!session.durable()) add(Verb::connect, {});
    for (const TopicFilter& filter : filters) add(Verb::subscribe, filter.text());
    if (unknown.empty()) return false;
    const SessionId id = session.id();
    auto wait = std::make_unique<Known>(*this, std::move(unknown), [this, id] {
        const auto until_reviewed = reviews_.extract(id);
        if (Session* const there = core_.sessions().find(id)) review(*there);
    });
    Known& asking = *wait;
    reviews_[id] = std::move(wait);
    asking.ask();
    return true;
}

}  // namespace junctor
