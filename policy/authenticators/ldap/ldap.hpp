#pragma once

#include <atomic>

#include "policy/authenticators/ldap/directory.hpp"
#include "policy/plugin.hpp"
#include "policy/secrets/replies.hpp"
#include "policy/secrets/verified_cache.hpp"
#include "policy/secrets/worker_pool.hpp"

namespace junctor {

/// Users of a directory, with their groups. Asks on the workers of `pool`; what was right is known for `remembered`. While the directory
/// is away nobody else is let in: it is asked again a second later, not before, so that nobody waits in line for its timeout.
class DirectoryUsers final : public Authenticator {
public:
    using Check = std::function<Directory::Answer(const std::string& user, const std::string& password)>;

    DirectoryUsers(Check check, Duration remembered, PolicyParts parts, WorkerPool& pool);
    ~DirectoryUsers() override;

    std::string_view name() const noexcept override { return parts_.name; }
    std::unique_ptr<Authentication> begin(const Credentials& credentials, AuthenticationDone done) override;

private:
    class Waiting;
    struct Question;

    AuthenticationStep verdict(const Question& question);
    AuthenticationStep admit(const std::string& user, std::vector<std::string> groups) const;
    std::unique_ptr<Authentication> ask(const Credentials& credentials, AuthenticationDone done);

    const Check check_;
    const PolicyParts parts_;
    WorkerPool& pool_;
    const std::shared_ptr<Replies> replies_;
    VerifiedCache verified_;
    std::atomic<TimePoint> away_until_{TimePoint::min()};
};

}  // namespace junctor
