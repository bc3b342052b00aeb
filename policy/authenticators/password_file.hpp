#pragma once

#include "core/base/clock.hpp"
#include "policy/plugin.hpp"
#include "policy/secrets/password_source.hpp"
#include "policy/secrets/replies.hpp"
#include "policy/secrets/verified_cache.hpp"
#include "policy/secrets/worker_pool.hpp"

namespace junctor {

/// Users with a password or a CURVE key in a file (`PasswordTable`). Hashes on the workers of `pool`; when too many wait, it refuses.
///
/// Abstains where no user name with a password is shown, and for users that the file does not know, who may be somebody else's: after
/// the same time as for a wrong password.
class PasswordFile final : public Authenticator {
public:
    PasswordFile(std::filesystem::path file, Duration remembered, PolicyParts parts, WorkerPool& pool);
    ~PasswordFile() override;

    std::string_view name() const noexcept override { return parts_.name; }
    void start() override { source_.start(); }
    std::unique_ptr<Authentication> begin(const Credentials& credentials, AuthenticationDone done) override;
    bool disowns(const Principal& principal) const noexcept override { return source_.now()->table.disowns(principal); }

private:
    class Waiting;
    using Version = std::shared_ptr<const PasswordSource::Version>;

    AuthenticationStep verdict(const PasswordUser* user, bool right) const;
    AuthenticationStep by_key(const std::string& key) const;
    AuthenticationStep allowed(const PasswordUser& user, std::string_view kept_secret) const;
    std::unique_ptr<Authentication> hash(const Credentials& credentials, Version version, AuthenticationDone done);

    const PolicyParts parts_;
    WorkerPool& pool_;
    const std::shared_ptr<Replies> replies_;
    const std::shared_ptr<VerifiedCache> verified_;
    PasswordSource source_;
};

}  // namespace junctor
