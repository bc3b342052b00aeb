#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/base/ref_counted.hpp"
#include "core/model/history_position.hpp"
#include "core/model/principal.hpp"
#include "core/model/topic.hpp"

namespace junctor {

/// 0 at most once, 1 at least once, 2 exactly once (MQTT 5.0 section 4.3; every connector maps to it).
enum class Qos : std::uint8_t { at_most_once = 0, at_least_once = 1, exactly_once = 2 };

/// What a message is for. `publish` goes to every subscriber, `send` to one of them, `request` expects an answer at its
/// reply address, `reply` is that answer, `event` is made by the gateway itself.
enum class Kind : std::uint8_t { publish, send, request, reply, event };

struct Header {
    std::string name;
    std::string value;

    friend bool operator==(const Header&, const Header&) = default;
};

/// What most messages do not have; null in an envelope without any of it.
struct Extras {
    std::string content_type;
    std::vector<Header> headers;  ///< in the publisher's order, duplicates kept
    std::string reply_to;         ///< a canonical topic name
    ByteBuffer correlation;
    std::string dedup_key;
    std::string trace;            ///< W3C traceparent
    std::string hops;             ///< whom it has crossed on its way here: see hop_path.hpp
    bool is_text = false;         ///< the publisher vouched for a UTF-8 payload (MQTT 5 payload format indicator 1)

    bool empty() const noexcept;
    /// Bytes held beyond sizeof, for byte limits.
    std::size_t footprint() const noexcept;
};

/// A message as a publisher hands it to the Gate. Topic and payload are views that must outlive the call, nothing longer.
struct Draft {
    Topic topic;
    Bytes payload;
    Qos qos = Qos::at_most_once;
    bool retain = false;
    Kind kind = Kind::publish;
    std::optional<Duration> ttl;  ///< none: never expires
    std::unique_ptr<Extras> extras;
    /// Of a durable session's QoS 2 message: kept together with the message, so that after a crash either both are there or none.
    /// Stands in `Opened::unreleased` until `Gate::release`. 0: none.
    std::uint16_t exactly_once_id = 0;
    std::uint8_t passes = 0;  ///< see `Envelope::passes`
};

class Envelope;
using EnvelopePtr = Ref<const Envelope>;

/// A message under way: one allocation that holds topic and payload behind the fields. Immutable once made, shared between
/// cores by reference count.
class Envelope final : public RefCounted<Envelope> {
public:
    struct Origin {
        MessageId id;
        SessionId session;  ///< nobody for the gateway's own
        PrincipalRef publisher;
        TimePoint published_at;
    };

    /// Copies topic and payload out of the draft.
    static EnvelopePtr make(Draft&& draft, Origin origin);

    Topic topic() const noexcept { return Topic::trusted(tenant_, topic_text(), topic_hash_); }
    std::string_view topic_text() const noexcept { return {reinterpret_cast<const char*>(this + 1), topic_size_}; }
    Bytes payload() const noexcept { return {reinterpret_cast<const std::uint8_t*>(this + 1) + topic_size_, payload_size_}; }
    Qos qos() const noexcept { return qos_; }
    bool retain() const noexcept { return retain_; }
    Kind kind() const noexcept { return kind_; }
    const MessageId& id() const noexcept { return origin_.id; }
    SessionId origin() const noexcept { return origin_.session; }
    const PrincipalRef& publisher() const noexcept { return origin_.publisher; }
    TimePoint published_at() const noexcept { return origin_.published_at; }
    bool expires() const noexcept { return expires_at_ != TimePoint::max(); }
    /// TimePoint::max() for never.
    TimePoint expires_at() const noexcept { return expires_at_; }
    bool expired(TimePoint now) const noexcept { return now >= expires_at_; }
    /// So many gateways had nobody for it in the group that it is for, and passed it on to another one (`Backend::pass_on`).
    std::uint8_t passes() const noexcept { return passes_; }
    const Extras* extras() const noexcept { return extras_.get(); }
    /// Its place in the history that keeps it; offset 0: none does.
    HistoryPosition history() const noexcept { return history_; }
    /// Once, by the core that keeps the history, before anybody else sees the message.
    void place_in_history(HistoryPosition position) const noexcept { history_ = position; }
    /// All bytes this message holds, for byte limits.
    std::size_t footprint() const noexcept;

private:
    friend class RefCounted<Envelope>;
    Envelope(Draft&& draft, Origin&& origin) noexcept;
    ~Envelope() = default;
    static void destroy(const Envelope* envelope) noexcept;

    Origin origin_;
    TimePoint expires_at_ = TimePoint::max();
    mutable HistoryPosition history_;
    std::uint64_t topic_hash_;
    std::unique_ptr<const Extras> extras_;
    std::uint32_t payload_size_;
    TenantId tenant_;
    std::uint16_t topic_size_;
    Qos qos_;
    Kind kind_;
    bool retain_;
    std::uint8_t passes_;
};

static_assert(sizeof(Envelope) <= 160);

}  // namespace junctor
