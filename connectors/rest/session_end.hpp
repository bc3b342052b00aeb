#pragma once

#include <memory>
#include <string>

#include "connectors/rest/member.hpp"
#include "core/ports/http.hpp"

namespace junctor::rest {

/// A DELETE of a session: takes it over and lets it end.
class SessionEnd final : public Member {
public:
    SessionEnd(Desk& desk, PrincipalRef who, std::shared_ptr<HttpExchange> exchange, std::string name);

    void start() noexcept;

    std::string_view name() const noexcept override { return name_; }
    WireVariant variant(const SubscribeOptions&) const noexcept override { return {}; }
    void encode(const Envelope&, WireVariant, Template&) const noexcept override {}
    DeliverResult deliver(const Delivery&) noexcept override { return DeliverResult::queued; }
    bool accepts(Qos) const noexcept override { return false; }
    void settled(Token, const Receipt&) noexcept override {}
    void answered(Token, const EnvelopePtr&) noexcept override {}
    void close(CloseReason reason, std::string_view text) noexcept override;

private:
    void finish(HttpResponse answer, CloseReason reason) noexcept;

    std::shared_ptr<HttpExchange> exchange_;
    const std::string name_;
};

}  // namespace junctor::rest
