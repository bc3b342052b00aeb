#pragma once

#include "policy/plugin.hpp"

namespace junctor {

/// Allows everything to everybody who got in. In force only where it is named: nothing falls back to it.
class AllowAll final : public Authorizer {
public:
    std::string_view name() const noexcept override { return "allow_all"; }
    std::optional<Verdict::Outcome> cached(const Question&) const noexcept override { return Verdict::Outcome::allow; }
    void authorize(const Question&, std::function<void(Verdict)> done) override {
        done({Verdict::Outcome::allow, "everything is allowed", "allow_all"});
    }
};

}  // namespace junctor
