#pragma once

#include <array>
#include <functional>
#include <map>
#include <string>

#include "core/runtime/core.hpp"
#include "core/runtime/timer_wheel.hpp"

namespace junctor {

/// What monitoring tools of MQTT brokers read: `$SYS/broker/...`, under Mosquitto's names, each a retained value that is published when
/// it has changed. Lives on one core.
class StatusTopics final : private Timer {
public:
    /// Of the whole gateway, since its start or at present.
    struct Numbers {
        std::int64_t connected = 0;
        std::int64_t away = 0;         ///< sessions without a connection at present
        std::int64_t connections = 0;  ///< accepted
        std::int64_t subscriptions = 0;
        std::int64_t retained = 0;
        std::int64_t kept = 0;         ///< messages that wait for those who are away
        std::int64_t kept_bytes = 0;
        std::int64_t received = 0;     ///< messages
        std::int64_t sent = 0;
        std::int64_t dropped = 0;
        std::int64_t bytes_received = 0;
        std::int64_t bytes_sent = 0;
    };
    using Read = std::function<Numbers()>;
    /// Topic and value, valid during the call.
    using Publish = std::function<void(std::string_view topic, std::string_view value)>;

    /// Publishes at once, then every `interval`.
    StatusTopics(Core& core, Duration interval, Read read, Publish publish);

private:
    static constexpr std::size_t rate_count = 8;
    static constexpr std::size_t window_count = 3;  ///< 1, 5 and 15 minutes

    void expired(TimePoint now) noexcept override;
    void publish_all(TimePoint now);
    void publish_totals(const Numbers& numbers, TimePoint now);
    void publish_loads(const Numbers& numbers);
    void show(const std::string& topic, std::string value);

    Core& core_;
    const Duration interval_;
    const TimePoint started_;
    Read read_;
    Publish publish_;
    Numbers last_;
    std::int64_t most_connected_ = 0;
    std::array<std::array<double, window_count>, rate_count> loads_{};
    std::map<std::string, std::string> shown_;
};

}  // namespace junctor
