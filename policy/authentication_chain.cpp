#include "policy/authentication_chain.hpp"

#include "policy/audit_trail.hpp"

namespace junctor {
namespace {

void wipe(std::string& secret) noexcept {
    volatile char* at = secret.data();
    for (std::size_t i = 0; i < secret.size(); ++i) at[i] = 0;
    secret.clear();
}

/// In the words of every refusal.
AuthenticationStep refused() {
    AuthenticationStep refusal(AuthenticationStep::Outcome::deny);
    refusal.reason = "not authenticated";
    return refusal;
}

}  // namespace

struct AuthenticationChain::Life {
    AuthenticationChain* chain;
};

AuthenticationChain::AuthenticationChain(PolicyPtr policy, Credentials credentials, AuthenticationDone done, Revoked revoked)
    : policy_(std::move(policy)),
      chain_(policy_->chain(credentials.connector)),
      credentials_(std::move(credentials)),
      done_(std::move(done)),
      revoked_(std::move(revoked)),
      life_(std::make_shared<Life>(Life{this})) {}

AuthenticationChain::~AuthenticationChain() {
    life_->chain = nullptr;
    wipe(credentials_.password);
    wipe(credentials_.bearer);
}

std::unique_ptr<Authentication> AuthenticationChain::start(PolicyPtr policy, Credentials credentials, AuthenticationDone done, Revoked revoked) {
    auto chain = std::make_unique<AuthenticationChain>(std::move(policy), std::move(credentials), std::move(done), std::move(revoked));
    chain->ask();
    if (chain->ended_) return nullptr;
    return chain;
}

void AuthenticationChain::next(Bytes data) {
    if (current_) current_->next(data);
}

void AuthenticationChain::ask() {
    asking_ = true;
    const std::shared_ptr<Life> life = life_;  // whoever hears the answer may destroy this conversation from within
    do {
        abstained_ = false;
        current_.reset();
        if (at_ == chain_.size()) {
            AuthenticationStep refusal = refused();
            refusal.unjudged = true;
            return heard(std::move(refusal));
        }
        const std::shared_ptr<Authenticator>& authenticator = chain_[at_++];
        auto conversation = authenticator->begin(credentials_, [life = life_](AuthenticationStep step) {
            if (life->chain) life->chain->heard(std::move(step));
        });
        if (!life->chain) return;
        if (!abstained_ && !ended_) current_ = std::move(conversation);
    } while (abstained_);
    asking_ = false;
}

void AuthenticationChain::heard(AuthenticationStep step) {
    using Outcome = AuthenticationStep::Outcome;
    if (ended_) return;
    if (step.outcome == Outcome::abstain) {
        abstained_ = true;
        if (!asking_) ask();
        return;
    }
    if (step.outcome == Outcome::allow && !step.principal) step = AuthenticationStep(Outcome::deny);
    if (step.outcome == Outcome::allow && revoked_ && revoked_(*step.principal)) step = refused();
    ended_ = step.outcome != Outcome::challenge;
    if (ended_) audit::authentication(*policy_, credentials_, step);
    const AuthenticationDone done = done_;  // the owner may destroy this conversation from within
    done(std::move(step));
}

}  // namespace junctor
