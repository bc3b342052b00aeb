#pragma once

#include "connectors/rest/reader.hpp"
#include "core/session/outbox.hpp"

namespace junctor::rest {

/// A GET that streams server-sent events: the retained messages, then live ones, each as the `message` object of the WebSocket protocol.
class EventStream final : public Reader {
public:
    /// A comment goes out this often, so that proxies and the client see that the stream lives.
    static constexpr Duration ping_interval = std::chrono::seconds(15);

    using Reader::Reader;

    WireVariant variant(const SubscribeOptions& options) const noexcept override;
    void encode(const Envelope& envelope, WireVariant variant, Template& out) const noexcept override;
    DeliverResult deliver(const Delivery& delivery) noexcept override;
    void close(CloseReason reason, std::string_view text) noexcept override;

private:
    void subscribed() noexcept override;
    void tick() noexcept override;
    void pump() noexcept;
    void write(const Template& encoded, Qos qos, bool retain) noexcept;

    Outbox outbox_;
    bool too_slow_ = false;
};

}  // namespace junctor::rest
