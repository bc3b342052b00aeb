#pragma once

#include <array>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>

#include "connectors/zeromq/codec.hpp"
#include "connectors/zeromq/codec_fields.hpp"
#include "connectors/zeromq/mapping.hpp"
#include "core/model/close_reason.hpp"
#include "core/model/limits.hpp"
#include "core/ports/gate.hpp"
#include "core/ports/template.hpp"

namespace junctor::zeromq {

inline constexpr Duration default_request_timeout = std::chrono::seconds(10);
/// How long a durable session waits for its client that does not say.
inline constexpr Duration default_expiry = std::chrono::hours(1);

/// One message to a DEALER or REQ. Owns what is small and shares the envelope, whose topic and payload it shows.
struct Outgoing {
    bool delimited = false;
    Answer answer = Answer::ack;
    std::string id;
    std::string topic;    ///< without an envelope
    std::string body;     ///< without an envelope
    std::string headers;
    EnvelopePtr envelope;

    Outgoing() = default;
    std::size_t footprint() const noexcept;
};

/// The frames of an Outgoing: views and shares of it, which must outlive them.
struct OutgoingFrames {
    std::array<SharedSlice, max_frames> frames;
    std::size_t first = 0;  ///< 1 without the delimiter
    std::span<const SharedSlice> view() const noexcept { return std::span(frames).subspan(first); }
};
OutgoingFrames frames_of(const Outgoing& outgoing) noexcept;

/// What the machine wants done at the Gate. Drafts view the frames that were received.
struct PublishAction { Draft draft; Token token; };
struct RequestAction { Draft draft; Duration timeout; Token token; };
struct SubscribeAction { SubscribeRequest request; Token token; };
struct UnsubscribeAction { TopicFilter filter; Token token; };
/// Only before the session is open: it is to be a durable one.
struct SessionAction { std::string name; SessionTerms terms; std::size_t window; Token token; };
struct AcknowledgeAction { std::uint64_t sequence; Outgoing answer; bool answered; };
struct EndAction { Outgoing answer; };
using Action =
    std::variant<Outgoing, PublishAction, RequestAction, SubscribeAction, UnsubscribeAction, SessionAction, AcknowledgeAction, EndAction>;

/// The rules of the request door for one DEALER or REQ: frames in, one action each out, and what the Gate says turned into frames.
/// No I/O, no clock, no threads.
class Machine {
public:
    explicit Machine(const Limits& limits) noexcept : limits_(limits) {}

    /// Topics and filters are of this tenant from now on.
    void set_tenant(TenantId tenant) noexcept { tenant_ = tenant; }

    /// The session is open, or on its way: nothing but the first op could name it.
    void set_open() noexcept { open_ = true; }

    Action received(std::span<const Bytes> frames);

    /// The end of a SessionAction that went well.
    Outgoing opened(Token token, bool resumed);

    /// What the peer hears of the end of its operation; false: nothing (it gave no id, and all went well).
    bool settled(Token token, const Receipt& receipt, Outgoing& out);
    /// The answer to a request. `members` is `members_of` the reply.
    bool answered(Token token, const EnvelopePtr& reply, std::string members, Outgoing& out);
    /// A message that a subscription brought. `members` as above.
    Outgoing message(const EnvelopePtr& envelope, const OwnMembers& own, std::string_view members) const;
    /// The last word to a peer whose session ends.
    Outgoing goodbye(CloseReason reason, std::string_view text) const;

    /// It has asked where in a history its messages are.
    bool shows_places() const noexcept { return shows_places_; }
    /// It asked for a subscription: silence from it means nothing.
    bool subscriber() const noexcept { return subscriber_; }
    bool waiting() const noexcept { return !pending_.empty(); }

private:
    struct Pending {
        bool delimited;
        std::string id;
        std::string topic;

        std::size_t footprint() const noexcept { return sizeof *this + id.size() + topic.size(); }
    };

    Action publish(const Command& command, Kind kind);
    Action request(const Command& command);
    Action subscribe(const Command& command);
    Action unsubscribe(const Command& command);
    Action session(const Command& command);
    Action acknowledge(const Command& command) const;
    std::string_view read_fields(const Command& command, Fields& fields) const;
    Outgoing error(const Command& command, Errc code, std::string_view reason = {}) const;
    bool overloaded() const noexcept { return pending_bytes_ > limits_.outbound_queue; }
    Token remember(const Command& command);
    Pending take(Token token);

    const Limits& limits_;
    TenantId tenant_;
    bool open_ = false;
    bool subscriber_ = false;
    bool shows_places_ = false;
    bool delimited_subscriber_ = false;  ///< messages come in the form in which it last subscribed
    std::uint64_t last_token_ = 0;
    std::size_t pending_bytes_ = 0;
    std::unordered_map<std::uint64_t, Pending> pending_;
};

}  // namespace junctor::zeromq
