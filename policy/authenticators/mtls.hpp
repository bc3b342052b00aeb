#pragma once

#include "policy/plugin.hpp"
#include "policy/secrets/distinguished_name.hpp"

namespace junctor {

/// Clients with a certificate that TLS has verified: one of its names is the principal. Judges only where nothing else is shown; a
/// user name without a password must be the certificate's.
///
/// A certificate with two names of the wanted kind is nobody's: which one counts must not be the client's choice.
class MutualTls final : public Authenticator {
public:
    enum class Identity : std::uint8_t { subject, common_name, dns, uri, email };

    struct Settings {
        Identity identity = Identity::common_name;
        bool groups_from_units = false;  ///< each OU of the subject is a group
        /// Not empty: only these subjects, under these names.
        std::vector<std::pair<DistinguishedName, std::string>> users;
    };

    MutualTls(Settings settings, PolicyParts parts) : settings_(std::move(settings)), parts_(std::move(parts)) {}

    std::string_view name() const noexcept override { return parts_.name; }
    std::unique_ptr<Authentication> begin(const Credentials& credentials, AuthenticationDone done) override;

private:
    AuthenticationStep judge(const Credentials& credentials) const;
    /// Empty: nobody.
    std::string identity_of(const Credentials& credentials, const DistinguishedName& subject) const;

    const Settings settings_;
    const PolicyParts parts_;
};

}  // namespace junctor
