#include "connectors/rest/session_end.hpp"

#include "connectors/rest/desk.hpp"
#include "connectors/rest/mapping.hpp"

namespace junctor::rest {

SessionEnd::SessionEnd(Desk& desk, PrincipalRef who, std::shared_ptr<HttpExchange> exchange, std::string name)
    : Member(desk, std::move(who)), exchange_(std::move(exchange)), name_(std::move(name)) {}

// Without an expiry a session ends with its connection, and this one's ends now.
void SessionEnd::start() noexcept {
    exchange_->on_closed([this] { leave(CloseReason::connection_lost); });
    const SessionTerms nothing_kept{Duration::zero(), false};
    link().open(nothing_kept, 0, [this](const Result<Opened>& opened) {
        if (!opened) return finish(desk_.counted(problem(errc_of(opened.error()))), CloseReason::not_authorized);
        if (!opened->resumed) return finish(desk_.counted(HttpResponse::problem(404, "not_found", "there is no such session")), CloseReason::normal);
        finish(HttpResponse(204, {}, {}), CloseReason::normal);
    });
}

void SessionEnd::finish(HttpResponse answer, CloseReason reason) noexcept {
    if (const auto exchange = std::exchange(exchange_, nullptr)) exchange->respond(std::move(answer));
    leave(reason);
}

void SessionEnd::close(CloseReason reason, std::string_view text) noexcept { finish(problem(reason, text), reason); }

}  // namespace junctor::rest
