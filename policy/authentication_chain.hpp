#pragma once

#include "policy/policy.hpp"

namespace junctor {

/// One conversation with the authenticators of a policy, in order, until one does not abstain. When nobody is left: deny.
class AuthenticationChain final : public Authentication {
public:
    /// Whether what somebody showed has been taken back; empty: nothing has. Lives as long as the conversation.
    using Revoked = std::function<bool(const Principal&)>;

    AuthenticationChain(PolicyPtr policy, Credentials credentials, AuthenticationDone done, Revoked revoked = {});
    ~AuthenticationChain() override;

    /// Begins. Returns the conversation when it goes on, null when it has ended meanwhile.
    static std::unique_ptr<Authentication> start(PolicyPtr policy, Credentials credentials, AuthenticationDone done, Revoked revoked = {});

    void next(Bytes data) override;

private:
    struct Life;  ///< says to callbacks that come late that the conversation is over

    void ask();
    void heard(AuthenticationStep step);

    PolicyPtr policy_;
    const Policy::Authenticators& chain_;  ///< of the connector that the credentials came in by
    Credentials credentials_;
    AuthenticationDone done_;
    Revoked revoked_;
    std::size_t at_ = 0;
    bool ended_ = false;
    bool asking_ = false;
    bool abstained_ = false;
    std::unique_ptr<Authentication> current_;
    std::shared_ptr<Life> life_;
};

}  // namespace junctor
