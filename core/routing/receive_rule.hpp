#pragma once

#include "core/model/topic.hpp"
#include "core/ports/session.hpp"

namespace junctor {

/// May this session see this topic? Asked once when a match is worked out, and for each retained value (DESIGN 5.8).
/// The policy implements it; when its answers change it calls `Router::forget_matches`.
class ReceiveRule {
public:
    virtual bool may_receive(const Session& session, const Topic& topic) noexcept = 0;

protected:
    ~ReceiveRule() = default;
};

}  // namespace junctor
