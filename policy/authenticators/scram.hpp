#pragma once

#include "policy/plugin.hpp"
#include "policy/secrets/password_source.hpp"

namespace junctor {

/// SCRAM-SHA-256 and SCRAM-SHA-512 (RFC 5802, RFC 7677) with the keys that a password file holds (`junctor passwd --scram`). Abstains
/// for other methods, and for one for which nobody in the file has keys.
class Scram final : public Authenticator {
public:
    /// `random`: a nonce, printable ASCII without commas, new with each call.
    Scram(std::filesystem::path file, PolicyParts parts, std::function<std::string()> random);

    std::string_view name() const noexcept override { return parts_.name; }
    void start() override { source_.start(); }
    std::unique_ptr<Authentication> begin(const Credentials& credentials, AuthenticationDone done) override;
    bool disowns(const Principal& principal) const noexcept override { return source_.now()->table.disowns(principal); }

private:
    class Conversation;

    const PolicyParts parts_;
    const std::function<std::string()> random_;
    PasswordSource source_;
};

}  // namespace junctor
