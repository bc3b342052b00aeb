#pragma once

#include "policy/plugin.hpp"

namespace junctor {

/// Lets clients in whoever they are: all as one principal, `anonymous`. Beside other authenticators it abstains where credentials
/// are shown, so that wrong ones never become none; alone it overlooks them, as nobody could judge them.
class Anonymous final : public Authenticator {
public:
    enum class From : std::uint8_t {
        loopback,  ///< only from this machine
        any,       ///< from everywhere: only where configured in so many words
    };

    enum class Company : std::uint8_t { alone, with_others };

    Anonymous(From from, Company company, PrincipalRef principal);

    std::string_view name() const noexcept override { return "anonymous"; }
    std::unique_ptr<Authentication> begin(const Credentials& credentials, AuthenticationDone done) override;

private:
    bool admits(const Credentials& credentials) const noexcept;

    From from_;
    Company company_;
    PrincipalRef principal_;
};

}  // namespace junctor
