#pragma once

#include "connectors/rest/reader.hpp"
#include "core/session/outbox.hpp"

namespace junctor::rest {

/// A GET that streams server-sent events: the retained messages, then live ones, each as the `message` object of the WebSocket protocol.
///
/// In a durable session numbered messages carry ids. An event stream cannot acknowledge, so after a window of them the response ends:
/// the client comes again by itself (that is what EventSource does), and its `Last-Event-ID` acknowledges what it has.
class EventStream final : public Reader {
public:
    /// A comment goes out this often, so that proxies and the client see that the stream lives.
    static constexpr Duration ping_interval = std::chrono::seconds(15);

    using Reader::Reader;

    WireVariant variant(const SubscribeOptions& options) const noexcept override;
    void encode(const Envelope& envelope, WireVariant variant, Template& out) const noexcept override;
    DeliverResult deliver(const Delivery& delivery) noexcept override;
    bool accepts(Qos qos) const noexcept override;
    void close(CloseReason reason, std::string_view text) noexcept override;

private:
    void subscribed() noexcept override;
    void tick() noexcept override;
    void pump() noexcept;
    void write(const Template& encoded, Qos qos, bool retain) noexcept;
    DeliverResult write_numbered(const Delivery& delivery) noexcept;
    bool full() const noexcept { return durable() && numbered_ >= asked().window; }

    Outbox outbox_;
    std::size_t numbered_ = 0;  ///< written, and not acknowledged
    bool begun_ = false;
    bool too_slow_ = false;
};

}  // namespace junctor::rest
