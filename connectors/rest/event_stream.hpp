#pragma once

#include "connectors/rest/reader.hpp"
#include "core/session/outbox.hpp"

namespace junctor::rest {

/// A GET that streams server-sent events: the retained messages, then live ones, each as the `message` object of the WebSocket protocol,
/// or as a CloudEvent where that is asked for.
///
/// Messages that a history keeps carry their position as their id. A client comes back with it: what it has missed comes first, or
/// `event: gap` says that some of that is gone.
///
/// In a durable session numbered messages carry ids of its own. An event stream cannot acknowledge, so after a window of them the response ends:
/// the client comes again by itself (that is what EventSource does), and its `Last-Event-ID` acknowledges what it has.
class EventStream final : public Reader {
public:
    /// A comment goes out this often, so that proxies and the client see that the stream lives.
    static constexpr Duration ping_interval = std::chrono::seconds(15);

    EventStream(Desk& desk, PrincipalRef who, std::shared_ptr<HttpExchange> exchange, TopicFilter filter, std::optional<SessionAsked> asked = {});

    WireVariant variant(const SubscribeOptions& options) const noexcept override;
    void encode(const Envelope& envelope, WireVariant variant, Template& out) const noexcept override;
    DeliverResult deliver(const Delivery& delivery) noexcept override;
    bool accepts(Qos qos) const noexcept override;
    std::vector<HandedBack> hand_back() noexcept override { return outbox_.hand_back(); }
    void charge(Ref<QueueShare> share) noexcept override;
    void close(CloseReason reason, std::string_view text) noexcept override;

private:
    void subscribed() noexcept override;
    void tick() noexcept override;
    void pump() noexcept;
    void append_event(ByteBuffer& to, const Envelope& envelope) const;
    void write(const Envelope& envelope, const Template& encoded, Qos qos, bool retain) noexcept;
    void tell_outcome() noexcept;
    DeliverResult write_numbered(const Delivery& delivery) noexcept;
    bool full() const noexcept { return durable() && numbered_ >= asked().window; }

    Outbox outbox_;
    std::size_t numbered_ = 0;  ///< written, and not acknowledged
    bool cloud_events_;
    bool begun_ = false;
    mutable bool turned_down_ = false;  ///< somebody waits for `ready`
    bool too_slow_ = false;
};

}  // namespace junctor::rest
