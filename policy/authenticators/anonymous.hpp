#pragma once

#include "core/ports/authenticator.hpp"

namespace junctor {

/// Lets clients in that show nothing of themselves: all as one principal, `anonymous`. It abstains where credentials are shown,
/// so that wrong ones never become none.
class Anonymous final : public Authenticator {
public:
    enum class From : std::uint8_t {
        loopback,  ///< only from this machine
        any,       ///< from everywhere: only where configured in so many words
    };

    explicit Anonymous(From from);

    std::string_view name() const noexcept override { return "anonymous"; }
    std::unique_ptr<Authentication> begin(const Credentials& credentials, AuthenticationDone done) override;

private:
    bool admits(const Credentials& credentials) const noexcept;

    From from_;
    PrincipalRef principal_;
};

}  // namespace junctor
