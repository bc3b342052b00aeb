#pragma once

#include "core/ports/session.hpp"
#include "policy/policy.hpp"

/// What goes into the audit log of a policy, where it has one. Denials of `receive` and `presence` are no events: they are how a wide filter
/// meets narrow rights.
namespace junctor::audit {

/// Is a denial of this verb one?
constexpr bool is_event(Verb verb) noexcept { return verb != Verb::receive && verb != Verb::presence; }

/// Somebody has been found out, or has not.
void authentication(const Policy& policy, const Credentials& credentials, const AuthenticationStep& step) noexcept;
void connected(const Policy& policy, const Session& session) noexcept;
void disconnected(const Policy& policy, const Session& session, CloseReason reason) noexcept;
void denied(const Policy& policy, const Question& question, const Verdict& verdict) noexcept;
/// A changed rule, or changed knowledge about somebody, has ended a subscription.
void revoked(const Policy& policy, const Session& session, const TopicFilter& filter, std::string_view reason) noexcept;
/// Somebody has taken back what `kind` (`token`, `principal`, `session of`) and `what` name.
void credentials_revoked(const Policy& policy, const Principal& by, std::string_view kind, std::string_view what) noexcept;
/// Somebody has used a right that nobody has who only sends messages.
void administered(const Policy& policy, const Principal& who, std::string_view what) noexcept;

}  // namespace junctor::audit
