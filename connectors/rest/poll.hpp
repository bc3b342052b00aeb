#pragma once

#include "connectors/rest/reader.hpp"

namespace junctor::rest {

/// A GET that waits for the next message: answers with it, or with 204 when its time is over.
class Poll final : public Reader {
public:
    Poll(Desk& desk, PrincipalRef who, std::shared_ptr<HttpExchange> exchange, TopicFilter filter, Duration wait);

    WireVariant variant(const SubscribeOptions& options) const noexcept override;
    void encode(const Envelope&, WireVariant, Template&) const noexcept override {}
    DeliverResult deliver(const Delivery& delivery) noexcept override;
    void close(CloseReason reason, std::string_view text) noexcept override;

private:
    void subscribed() noexcept override;
    void tick() noexcept override;

    Duration wait_;
};

}  // namespace junctor::rest
