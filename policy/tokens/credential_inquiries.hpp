#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "core/ports/outbound.hpp"
#include "core/ports/vouching.hpp"
#include "policy/policy_parts.hpp"
#include "policy/tokens/secret_digest.hpp"

namespace junctor {

/// What a server says of credentials.
struct CredentialAnswer {
    PrincipalRef principal;  ///< null: they do not count, and `why` says why
    ErrorCode why;
    bool abstains = false;   ///< it leaves them to others
    Duration keep{};         ///< how long this may be remembered; zero: not at all

    /// Whether the server gave an answer at all.
    bool known() const noexcept;
};

/// Asks a server about credentials and remembers, by their digest, what it said. Each core remembers for itself; who asks there about
/// the same while the server is being asked waits for the same answer.
class CredentialInquiries {
public:
    struct Terms {
        std::size_t most_remembered = 10'000;  ///< answers of one core
        std::size_t most_waiting = 10'000;     ///< questions of one core
    };
    struct Question {
        SecretDigest about;
        std::function<OutboundRequest()> request;                              ///< called only where the server has to be asked
        std::function<CredentialAnswer(const OutboundAnswer&)> read;           ///< judges what came; once, on the core that asked
        std::optional<Duration> most_age{};                                    ///< how old an answer may be that is remembered
    };
    using Done = std::function<void(const CredentialAnswer&)>;

    CredentialInquiries(const Terms& terms, const PolicyParts& parts) : terms_(terms), parts_(parts) {}
    ~CredentialInquiries();

    /// Calls `done` once on `core`, the one that asks, perhaps before this returns (then the result is null).
    std::unique_ptr<Inquiry> ask(CoreId core, const Question& question, Done done);

    /// From now on nothing is remembered, and what was is forgotten. From any thread.
    void retire();

private:
    class Desk;
    struct Retirement;

    Desk& desk(CoreId core);

    const Terms terms_;
    const PolicyParts parts_;
    std::mutex mutex_;
    bool retired_ = false;
    std::map<CoreId, std::shared_ptr<Desk>> desks_;
};

}  // namespace junctor
