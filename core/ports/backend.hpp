#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "core/model/envelope.hpp"
#include "core/model/topic_filter.hpp"
#include "core/ports/session.hpp"

namespace junctor {

/// What a backend can promise. `check` refuses a configuration that asks for more.
struct BackendTraits {
    Qos max_qos = Qos::at_most_once;
    bool wildcards = false;
    bool retained = false;
    bool shared_groups = false;
    bool history = false;
    bool ordered = false;
    bool durable = false;
    bool on_every_core = false;  ///< an instance per core that needs no connection; else one instance on one core
    std::size_t max_payload = 0;
};

/// Where a question to the backend came from; comes back with its answer.
struct BackendTicket {
    SessionId session;
    Token token;
};

struct BackendReceipt {
    BackendTicket ticket;
    Errc code = Errc::ok;
    std::uint32_t matches = 0;
    std::uint64_t commit = 0;  ///< `Delivered::commit`, where the backend takes a message by delivering it
};

/// What became of a message for this gateway's subscribers.
struct Delivered {
    std::uint32_t matches = 0;
    std::uint64_t commit = 0;  ///< names what is still to be stored of it; 0: nothing
};

/// What a backend tells the core. Implemented by the router; called on the backend's core only.
class BackendSink {
public:
    /// A message for this gateway's subscribers.
    virtual Delivered deliver(const EnvelopePtr& envelope) noexcept = 0;
    /// Publishers hear of it, those whose message is still to be stored when it is.
    virtual void taken(std::span<const BackendReceipt> receipts) noexcept = 0;
    virtual void subscribed(const TopicFilter& filter, std::string_view group, Errc code) noexcept = 0;
    /// Away or back: publishers get Errc::unavailable meanwhile.
    virtual void available(bool yes) noexcept = 0;

protected:
    ~BackendSink() = default;
};

/// What carries messages between gateways (DESIGN 2). Called on its own core only; nothing here blocks.
/// Only interest crosses: 0 <-> 1 subscribers of this gateway per (filter, group).
class Backend {
public:
    virtual ~Backend() = default;
    virtual BackendTraits traits() const noexcept = 0;
    virtual void start(BackendSink& sink) = 0;
    virtual void stop() noexcept = 0;
    /// Ends in one receipt: `BackendSink::taken`, at once or later. The receipt means that the backend has the message.
    virtual void publish(const EnvelopePtr& envelope, BackendTicket ticket) noexcept = 0;
    virtual void subscribe(const TopicFilter& filter, std::string_view group) noexcept = 0;
    virtual void unsubscribe(const TopicFilter& filter, std::string_view group) noexcept = 0;
};

}  // namespace junctor
