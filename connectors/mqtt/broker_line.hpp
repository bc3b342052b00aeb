#pragma once

#include <mqtt/async_client.h>

#include <functional>
#include <memory>
#include <string>

#include "connectors/mqtt/backend_settings.hpp"
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
        /// It broke, or did not come about.
        virtual void line_down(const std::string& why) noexcept = 0;
        virtual void message_taken(std::uint64_t number, Errc code, bool nobody) noexcept = 0;
        /// Paho has let go of it: it goes again when the line is up.
        virtual void message_returned(std::uint64_t number) noexcept = 0;
        virtual void filter_taken(std::uint32_t id, Errc code) noexcept = 0;
        virtual void message_arrived(const ::mqtt::message& message) noexcept = 0;

    protected:
        ~Owner() = default;
    };

    struct Terms {
        BackendSettings settings;
        std::string client_id;
        Duration session_expiry;  ///< how long the broker remembers this client while it is away
        bool lasting = false;     ///< and after it has left
    };
    using Post = std::function<void(std::function<void()>)>;

    BrokerLine(Terms terms, Owner& owner, Post post);
    ~BrokerLine() override;

    /// One attempt; ends in `line_up` or `line_down`.
    void connect() noexcept;
    /// False where the line is down.
    bool publish(const ::mqtt::const_message_ptr& message, std::uint64_t number) noexcept;
    /// `id`: the subscription identifier; ends in `filter_taken`, unless the line breaks first.
    void subscribe(const std::string& filter, std::uint32_t id) noexcept;
    void unsubscribe(const std::string& filter) noexcept;

private:
    struct Event;
    struct Inbox;

    ::mqtt::connect_options options() const;
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
};

}  // namespace junctor::mqtt
