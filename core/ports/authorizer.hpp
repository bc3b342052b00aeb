#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "core/model/principal.hpp"
#include "core/model/verdict.hpp"

namespace junctor {

/// Says whether a principal may do something. `object` is a canonical topic or filter, or empty where the verb has none.
/// Called on any core, possibly on several at once.
class Authorizer {
public:
    virtual ~Authorizer() = default;
    virtual std::string_view name() const noexcept = 0;

    /// The verdict where it is known now: no allocation, no waiting. nullopt: ask `authorize`.
    virtual std::optional<Verdict::Outcome> cached(const Principal& principal, Verb verb, std::string_view object) const noexcept = 0;

    /// Calls `done` exactly once on the asking core, perhaps before it returns.
    virtual void authorize(PrincipalRef principal, Verb verb, std::string_view object, std::function<void(Verdict)> done) = 0;
};

}  // namespace junctor
