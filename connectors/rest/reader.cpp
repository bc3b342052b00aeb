#include "connectors/rest/reader.hpp"

#include "connectors/rest/desk.hpp"
#include "connectors/rest/mapping.hpp"

namespace junctor::rest {

Reader::Reader(Desk& desk, PrincipalRef who, std::shared_ptr<HttpExchange> exchange, TopicFilter filter, std::optional<SessionAsked> asked)
    : Member(desk, std::move(who)), exchange_(std::move(exchange)), filter_(std::move(filter)), asked_(std::move(asked)) {}

void Reader::start(Qos max_qos, const std::optional<HistoryStart>& start) noexcept {
    exchange_->on_closed([this] { leave(CloseReason::connection_lost); });
    exchange_->on_drain([this] { close(CloseReason::server_shutdown, {}); });
    link().open(asked_ ? asked_->terms : SessionTerms(), asked_ ? asked_->window : 0,
                [this, max_qos, start](const Result<Opened>& result) { opened(result, max_qos, start); });
}

void Reader::opened(const Result<Opened>& result, Qos max_qos, const std::optional<HistoryStart>& start) noexcept {
    if (!result) return give_up(desk_.counted(problem(errc_of(result.error()))), CloseReason::not_authorized);
    SubscribeRequest request{filter_, {}, start};
    request.options.max_qos = max_qos;
    if (asked_) {
        resume(*result);
        // The same GET again and again is how one listens, and no reason to see the retained values again.
        request.options.retain_handling = RetainHandling::send_if_new;
    }
    if (exchange_) link().subscribe(request, Token{1});
}

void Reader::resume(const Opened& opened) noexcept {
    epoch_ = opened.epoch;
    if (opened.resumed && asked_->seen && asked_->seen->epoch == epoch_) link().acknowledge(asked_->seen->sequence, Progress::done_up_to);
    link().ready();
}

void Reader::settled(Token, const Receipt& receipt) noexcept {
    if (!exchange_) return;
    const Errc code = receipt.code == Errc::ok && !receipt.each.empty() ? receipt.each.front() : receipt.code;
    if (!receipt.history.empty()) outcome_ = receipt.history.front();
    code == Errc::ok ? subscribed() : give_up(desk_.counted(problem(code, receipt.reason)), CloseReason::not_authorized);
}

bool Reader::finish_repeat(const Delivery& delivery) noexcept {
    if (delivery.repeat != Repeat::release) return false;
    link().acknowledge(delivery.sequence, Progress::done);
    return true;
}

void Reader::give_up(HttpResponse why, CloseReason reason) noexcept {
    if (const auto exchange = std::exchange(exchange_, nullptr)) exchange->respond(std::move(why));
    leave(reason);
}

}  // namespace junctor::rest
