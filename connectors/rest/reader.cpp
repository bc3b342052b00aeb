#include "connectors/rest/reader.hpp"

#include "connectors/rest/desk.hpp"
#include "connectors/rest/mapping.hpp"
#include "core/ports/gate.hpp"

namespace junctor::rest {

Reader::Reader(Desk& desk, PrincipalRef who, std::shared_ptr<HttpExchange> exchange, TopicFilter filter)
    : Member(desk, std::move(who)), exchange_(std::move(exchange)), filter_(std::move(filter)) {}

void Reader::start(Qos max_qos) noexcept {
    if (const Errc code = open(); code != Errc::ok) return give_up(desk_.counted(problem(code)), CloseReason::not_authorized);
    exchange_->on_closed([this] { leave(CloseReason::connection_lost); });
    exchange_->on_drain([this] { close(CloseReason::server_shutdown, {}); });
    SubscribeRequest request{filter_, {}};
    request.options.max_qos = max_qos;
    core().gate().subscribe(*this, {&request, 1}, Token{1});
}

void Reader::settled(Token, const Receipt& receipt) noexcept {
    if (!exchange_) return;
    const Errc code = receipt.code == Errc::ok && !receipt.each.empty() ? receipt.each.front() : receipt.code;
    code == Errc::ok ? subscribed() : give_up(desk_.counted(problem(code, receipt.reason)), CloseReason::not_authorized);
}

void Reader::give_up(HttpResponse why, CloseReason reason) noexcept {
    if (const auto exchange = std::exchange(exchange_, nullptr)) exchange->respond(std::move(why));
    leave(reason);
}

}  // namespace junctor::rest
