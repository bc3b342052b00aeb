#pragma once

#include <optional>

#include "core/ports/authorizer.hpp"

namespace junctor {

/// What holds under any policy, before an authorizer is asked: first levels with `$` are the gateway's. Nothing: the policy decides.
/// Allocates only to deny.
std::optional<Verdict> standing_verdict(const Question& question);

/// `$inbox/...`: an address that the gateway made for one answer.
bool is_inbox(std::string_view topic) noexcept;
/// An inbox, or `$to/<session>`.
bool is_addressed(std::string_view topic) noexcept;
/// `$to/<name>` of the session of that name itself, percent-escaped or not.
bool is_own_address(std::string_view session, std::string_view topic);

}  // namespace junctor
