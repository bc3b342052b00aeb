#pragma once

#include "connectors/rest/reader.hpp"

namespace junctor::rest {

/// A GET that takes from a durable session what waits there, or waits for the next message: a JSON array of `message` objects, and
/// the id of the last in `Last-Event-ID`. What the client does not acknowledge by its next GET comes again.
class SessionPoll final : public Reader {
public:
    SessionPoll(Desk& desk, PrincipalRef who, std::shared_ptr<HttpExchange> exchange, TopicFilter filter, SessionAsked asked, Duration wait);

    WireVariant variant(const SubscribeOptions& options) const noexcept override;
    void encode(const Envelope&, WireVariant, Template&) const noexcept override {}
    DeliverResult deliver(const Delivery& delivery) noexcept override;
    bool accepts(Qos qos) const noexcept override;
    void close(CloseReason reason, std::string_view text) noexcept override;

private:
    void subscribed() noexcept override;
    void tick() noexcept override;
    void add(const Delivery& delivery);

    Duration wait_;
    bool events_;  ///< CloudEvents instead of `message` objects
    ByteBuffer messages_;
    std::size_t count_ = 0;
    std::uint64_t last_sequence_ = 0;
};

}  // namespace junctor::rest
