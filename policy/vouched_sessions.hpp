#pragma once

#include <memory>
#include <unordered_map>

#include "core/model/principal.hpp"
#include "core/ports/session.hpp"
#include "core/ports/vouching.hpp"
#include "core/runtime/core.hpp"

namespace junctor {

/// The sessions of one core whose principal is vouched for only until a certain time (`Principal::expires_at`) or for as long as somebody
/// says so (`Principal::vouching`): each is closed when that is over, as `not_authorized`. Other sessions cost nothing here.
class VouchedSessions {
public:
    explicit VouchedSessions(Core& core) noexcept;
    ~VouchedSessions();

    bool over(const Principal& principal) const noexcept {
        return (principal.expires_at && *principal.expires_at <= core_.wall()) || (principal.vouching && principal.vouching->doubted());
    }
    /// Of a session that has just been opened, or whose principal is another one now.
    void watch(Session& session);
    void forget(const Session& session) noexcept;

private:
    class Term;

    void due(Term& term) noexcept;
    void end(Session& session, std::string_view text) noexcept;

    Core& core_;
    std::unordered_map<SessionId, std::unique_ptr<Term>> terms_;
};

}  // namespace junctor
