#include "policy/inquiries.hpp"

#include <algorithm>
#include <utility>

namespace junctor {

struct Waiter::Asked {
    Asked(std::uint32_t its_authorizer, const Question& asked) : authorizer(its_authorizer), question(asked), hash(hash_of(asked, authorizer)) {}

    const std::uint32_t authorizer;
    const KeptQuestion question;
    const std::uint64_t hash;
    std::optional<Verdict> verdict;
    TimePoint until{};
    std::size_t holders = 0;
    std::vector<Waiter*> waiters;  ///< until it is answered
};

struct Waiter::Life {
    Inquiries* inquiries;
};

Waiter::Waiter(Inquiries& inquiries) : life_(inquiries.life_) {}

Waiter::~Waiter() { release(); }

void Waiter::release() noexcept {
    if (life_->inquiries) life_->inquiries->leave(*this);
}

void Waiter::end_asking() noexcept {
    if (--open_ != 0) return;
    life_->inquiries->ready_.push_back(this);
    life_->inquiries->wake();
}

Inquiries::Inquiries(Core& core) : core_(core), life_(std::make_shared<Life>(Life{this})) {}

Inquiries::~Inquiries() { life_->inquiries = nullptr; }

std::shared_ptr<Inquiries::Asked> Inquiries::find_asked(std::uint32_t authorizer, const Question& question) const noexcept {
    if (asked_.empty()) return nullptr;
    const auto [begin, end] = asked_.equal_range(hash_of(question, authorizer));
    const auto found = std::find_if(begin, end, [&](const auto& entry) {
        return entry.second->authorizer == authorizer && same_question(entry.second->question.view(), question);
    });
    return found == end ? nullptr : found->second;
}

Inquiries::Known Inquiries::find(std::uint32_t authorizer, const Question& question) noexcept {
    if (const VerdictCache::Kept* kept = cache_.find(authorizer, question, core_.now())) return {&kept->verdict, kept->until};
    const std::shared_ptr<Asked> asked = find_asked(authorizer, question);
    if (asked && asked->verdict) return {&*asked->verdict, asked->until};
    return {};
}

void Inquiries::ask(std::uint32_t index, Authorizer& authorizer, const Question& question, Waiter& waiter) {
    std::shared_ptr<Asked> asked = find_asked(index, question);
    const bool fresh = !asked;
    if (fresh) {
        asked = std::make_shared<Asked>(index, question);
        asked_.emplace(asked->hash, asked);
    }
    if (std::ranges::find(waiter.held_, asked) != waiter.held_.end()) return;
    waiter.held_.push_back(asked);
    ++asked->holders;
    ++waiter.open_;
    asked->waiters.push_back(&waiter);
    if (!fresh) return;
    authorizer.authorize(asked->question.view(), [life = life_, weak = std::weak_ptr(asked)](Verdict verdict) {
        if (life->inquiries) life->inquiries->answered(weak, std::move(verdict));
    });
}

void Inquiries::answered(const std::weak_ptr<Asked>& weak, Verdict verdict) noexcept {
    const std::shared_ptr<Asked> asked = weak.lock();
    if (!asked || asked->verdict) return;
    const TimePoint now = core_.now();
    asked->until = verdict.valid_for >= TimePoint::max() - now ? TimePoint::max() : now + verdict.valid_for;
    if (asked->until > now) cache_.keep(asked->authorizer, asked->question, verdict, asked->until);
    asked->verdict = std::move(verdict);
    for (Waiter* waiter : std::exchange(asked->waiters, {}))
        if (--waiter->open_ == 0) ready_.push_back(waiter);
    if (asked->holders == 0) forget(*asked);
    wake();
}

/// One after the other, also those who become ready meanwhile.
void Inquiries::wake() noexcept {
    if (std::exchange(waking_, true)) return;
    while (!ready_.empty()) {
        Waiter* waiter = ready_.front();
        ready_.pop_front();
        waiter->known();
    }
    waking_ = false;
}

void Inquiries::forget(const Asked& asked) noexcept {
    const auto [begin, end] = asked_.equal_range(asked.hash);
    const auto found = std::find_if(begin, end, [&](const auto& entry) { return entry.second.get() == &asked; });
    if (found != end) asked_.erase(found);
}

void Inquiries::leave(Waiter& waiter) noexcept {
    std::erase(ready_, &waiter);
    waiter.open_ = 0;
    for (const std::shared_ptr<Asked>& asked : std::exchange(waiter.held_, {})) {
        std::erase(asked->waiters, &waiter);
        // What nobody waits for any more is answered all the same, and remembered.
        if (--asked->holders == 0 && asked->verdict) forget(*asked);
    }
}

void Inquiries::forget_all() noexcept {
    cache_.forget_all();
    for (const auto& [hash, asked] : std::exchange(asked_, {})) {
        for (Waiter* waiter : std::exchange(asked->waiters, {}))
            if (std::exchange(waiter->open_, 0) != 0) ready_.push_back(waiter);
        // An answer to come finds that it counts for nobody.
        asked->verdict.emplace();
    }
    if (!ready_.empty()) core_.timers().arm(soon_, core_.now());
}

}  // namespace junctor
