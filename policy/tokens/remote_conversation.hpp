#pragma once

#include "core/ports/vouching.hpp"
#include "policy/tokens/credential_inquiries.hpp"
#include "policy/tokens/credential_report.hpp"

namespace junctor {

/// Waits for what a server says of the credentials; destroying it gives up.
class RemoteConversation final : public Authentication {
public:
    /// `ask` is called with what to do with the answer. Null where that came at once.
    /// `report` and `credentials` outlive the conversation.
    template <class Ask>
    static std::unique_ptr<Authentication> start(const CredentialReport& report, const Credentials& credentials, AuthenticationDone done, Ask&& ask) {
        auto conversation = std::make_unique<RemoteConversation>();
        conversation->inquiry_ = ask([&report, &credentials, done = std::move(done)](const CredentialAnswer& answer) {
            if (answer.abstains) return done(AuthenticationStep(AuthenticationStep::Outcome::abstain));
            done(answer.principal ? report.accepted(answer.principal, credentials) : report.refused(answer.why, credentials));
        });
        return conversation->inquiry_ ? std::move(conversation) : nullptr;
    }

    void next(Bytes) override {}

private:
    std::unique_ptr<Inquiry> inquiry_;
};

}  // namespace junctor
