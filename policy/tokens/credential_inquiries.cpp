#include "policy/tokens/credential_inquiries.hpp"

#include <list>
#include <unordered_map>

#include "policy/tokens/answer_cache.hpp"
#include "policy/tokens/token_errc.hpp"

namespace junctor {

bool CredentialAnswer::known() const noexcept { return principal || abstains || why != TokenErrc::provider_unavailable; }

/// What one core knows and asks. Only there, apart from its making.
class CredentialInquiries::Desk : public std::enable_shared_from_this<Desk> {
public:
    Desk(const Terms& terms, const PolicyParts& parts)
        : terms_(terms), clock_(parts.clock), outbound_(*parts.outbound), known_(terms.most_remembered) {}

    std::unique_ptr<Inquiry> ask(CoreId core, const Question& question, Done done) {
        const TimePoint now = clock_.now();
        const TimePoint since = question.most_age ? now - *question.most_age : TimePoint::min();
        if (const CredentialAnswer* answer = known_.find(question.about, now, since)) {
            done(CredentialAnswer(*answer));
            return nullptr;
        }
        if (waiting_ >= terms_.most_waiting) {
            done({.principal = nullptr, .why = TokenErrc::provider_unavailable});
            return nullptr;
        }
        Open& open = open_[question.about];
        auto wait = std::make_unique<Wait>(*this, question.about, open, std::move(done));
        if (!open.call)
            open.call = outbound_.send(core, question.request(), [this, about = question.about, read = question.read](const OutboundAnswer& came) {
                take(about, read(came));
            });
        return wait;
    }

    /// What is remembered, and what is asked without anybody waiting, holds on to who asks: it would be there for ever.
    void retire() {
        retired_ = true;
        known_.clear();
        std::erase_if(open_, [](const auto& open) { return open.second.waiting.empty(); });
    }

private:
    class Wait;
    /// What the server is being asked.
    struct Open {
        std::unique_ptr<OutboundCall> call;
        std::list<Wait*> waiting;
    };

    /// Somebody who asked. Leaves the question when it is given up.
    class Wait final : public Inquiry {
    public:
        Wait(Desk& desk, const SecretDigest& about, Open& open, Done told)
            : done(std::move(told)), desk_(desk.shared_from_this()), about_(about), question_(&open) {
            place_ = open.waiting.insert(open.waiting.end(), this);
            ++desk.waiting_;
        }
        ~Wait() override { leave(); }

        void leave() {
            if (!question_) return;
            question_->waiting.erase(place_);
            question_ = nullptr;
            desk_->left(about_);
        }

        Done done;

    private:
        const std::shared_ptr<Desk> desk_;
        const SecretDigest about_;
        Open* question_;
        std::list<Wait*>::iterator place_;
    };

    void left(const SecretDigest& about) {
        --waiting_;
        if (!retired_) return;
        const auto open = open_.find(about);
        if (open != open_.end() && open->second.waiting.empty()) open_.erase(open);
    }

    void take(const SecretDigest& about, const CredentialAnswer& answer) {
        const std::shared_ptr<Desk> kept = shared_from_this();
        auto question = open_.extract(about);
        const TimePoint now = clock_.now();
        if (!retired_) known_.put(about, answer, now, now + answer.keep);
        while (!question.mapped().waiting.empty()) {
            Wait& wait = *question.mapped().waiting.front();
            const Done done = std::move(wait.done);  // whoever waits may be destroyed from within
            wait.leave();
            done(answer);
        }
    }

    const Terms terms_;
    const Clock& clock_;
    Outbound& outbound_;
    AnswerCache<CredentialAnswer> known_;
    std::unordered_map<SecretDigest, Open> open_;
    std::size_t waiting_ = 0;
    bool retired_ = false;
};

/// Retires a desk where it ends: on the desk's core, or wherever a task that no core runs any more is dropped.
struct CredentialInquiries::Retirement {
    explicit Retirement(std::shared_ptr<Desk> which) : desk(std::move(which)) {}
    ~Retirement() { desk->retire(); }
    Retirement(const Retirement&) = delete;
    Retirement& operator=(const Retirement&) = delete;

    const std::shared_ptr<Desk> desk;
};

/// Calls under way end on the core that made them.
CredentialInquiries::~CredentialInquiries() {
    for (auto& [core, its_desk] : desks_) parts_.post(core, [desk = std::move(its_desk)](Core&) {});
}

void CredentialInquiries::retire() {
    const std::lock_guard lock(mutex_);
    retired_ = true;
    for (auto& [core, its_desk] : desks_) parts_.post(core, [retirement = std::make_shared<Retirement>(its_desk)](Core&) {});
}

std::unique_ptr<Inquiry> CredentialInquiries::ask(CoreId core, const Question& question, Done done) {
    return desk(core).ask(core, question, std::move(done));
}

CredentialInquiries::Desk& CredentialInquiries::desk(CoreId core) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Desk>& found = desks_[core];
    if (!found) {
        found = std::make_shared<Desk>(terms_, parts_);
        if (retired_) found->retire();
    }
    return *found;
}

}  // namespace junctor
