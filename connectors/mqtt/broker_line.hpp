#pragma once

#include <mqtt/async_client.h>

#include <functional>
#include <memory>
#include <string>

#include "connectors/mqtt/backend_settings.hpp"
#include "connectors/mqtt/line_writer.hpp"
#include "core/model/errc.hpp"

namespace junctor::mqtt {

/// A connection to a broker through Paho, whose threads wait and write (DESIGN 5.10). Called on one core only; what Paho reports comes
/// back to that core, in order, by `post`. Paho sends anew after a break what the broker had not acknowledged.
class BrokerLine final : private ::mqtt::callback, private ::mqtt::iaction_listener {
public:
    /// Called on the core. Must not destroy the line.
    class Owner {
    public:
        virtual void line_up() noexcept = 0;
        /// The broker takes so many messages of QoS 1 and 2 at once (MQTT 5.0 section 3.2.2.3.3).
        virtual void takes_at_once(std::uint64_t most) noexcept = 0;
        /// It broke, or did not come about.
        virtual void line_down(const std::string& why) noexcept = 0;
        virtual void message_taken(std::uint64_t number, Errc code, bool nobody) noexcept = 0;
        /// Paho has let go of it: it goes again when the line is up.
        virtual void message_returned(std::uint64_t number) noexcept = 0;
        virtual void filter_taken(std::uint32_t id, Errc code) noexcept = 0;
        /// The broker brings nothing more by it.
        virtual void filter_left(std::uint32_t id) noexcept = 0;
        /// `number` not 0: the broker hears that it is here with `BrokerLine::stored`, and brings nothing more before that.
        virtual void message_arrived(const ::mqtt::message& message, std::uint64_t number) noexcept = 0;

    protected:
        ~Owner() = default;
    };

    struct Terms {
        BackendSettings settings;
        std::string client_id;
        Duration session_expiry;  ///< how long the broker remembers this client while it is away
        bool lasting = false;     ///< and after it has left
        bool waits = false;       ///< messages of QoS 1 and 2 are acknowledged when they are stored
    };
    using Post = std::function<void(std::function<void()>)>;

    BrokerLine(Terms terms, Owner& owner, Post post);
    ~BrokerLine() override;

    /// One attempt; ends in `line_up` or `line_down`.
    void connect();
    /// Ends in `message_taken` or `message_returned`.
    void publish(::mqtt::const_message_ptr message, std::uint64_t number);
    /// `id`: the subscription identifier; ends in `filter_taken` with `answer`, unless the line breaks first.
    void subscribe(const std::string& filter, std::uint32_t id, std::uint32_t answer);
    /// Likewise in `filter_left`.
    void unsubscribe(const std::string& filter, std::uint32_t answer);
    /// The message with this number is where it has to be.
    void stored(std::uint64_t number);

private:
    struct Event;
    struct Inbox;

    ::mqtt::connect_options options() const;
    void do_connect() noexcept;
    void do_publish(const ::mqtt::const_message_ptr& message, std::uint64_t number) noexcept;
    void do_subscribe(const std::string& filter, std::uint32_t id, std::uint32_t answer) noexcept;
    void do_unsubscribe(const std::string& filter, std::uint32_t answer) noexcept;
    void wait_until_stored(std::uint64_t number);
    void push(Event&& event);
    void drain() noexcept;
    void handle(const Event& event) noexcept;

    // Paho's threads
    void connected(const std::string& cause) override;
    void connection_lost(const std::string& cause) override;
    void message_arrived(::mqtt::const_message_ptr message) override;
    void on_success(const ::mqtt::token& token) override;
    void on_failure(const ::mqtt::token& token) override;

    const Terms terms_;
    Owner& owner_;
    Post post_;
    std::shared_ptr<Inbox> inbox_;
    ::mqtt::async_client client_;
    std::uint64_t last_arrival_ = 0;  ///< touched on Paho's thread only
    LineWriter writer_;
};

}  // namespace junctor::mqtt
