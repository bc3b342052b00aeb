#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/generator/client.hpp"
#include "tests/bench/generator/latency.hpp"
#include "tests/bench/generator/options.hpp"
#include "tests/bench/generator/report.hpp"
#include "tests/bench/generator/stamp.hpp"
#include "tests/bench/generator/stored_topics.hpp"
#include "tests/bench/generator/stream_check.hpp"

namespace bench {

/// Publishers and subscribers that run for a while: as fast as their windows allow, or at a fixed rate.
class Flow {
public:
    explicit Flow(const Options& options);

    /// Connects, publishes, waits for the last delivery and accounts.
    Report run();

private:
    struct Publisher {
        Client* client = nullptr;
        std::string topic;
        std::string payload;
        std::uint64_t sent = 0;
        std::uint64_t delivered = 0;
        std::uint64_t next_due_ns = 0;
        std::uint64_t last_sent_ns = 0;
    };

    void open_subscribers();
    void subscribe_each();
    void subscribe_many();
    void open_publishers();
    void publish_for_a_while();
    void drain();
    std::chrono::nanoseconds patience(std::uint64_t now) const;
    void publish_what_is_due(Publisher& publisher, std::uint64_t now);
    void publish_what_fits(Publisher& publisher, std::uint64_t now);
    void time_acknowledgement(const Publisher& publisher);
    void publish(Publisher& publisher, std::uint64_t due_ns);
    void on_message(std::uint32_t subscriber, std::string_view message);
    bool is_for(const Stamp& stamp, std::uint32_t subscriber) const noexcept;
    std::uint64_t copies_per_message() const noexcept;
    std::uint64_t expected() const noexcept;
    Report report(double seconds, double cpu_seconds) const;

    const Options options_;
    ClientLoop loop_;
    Clients clients_;
    std::vector<Publisher> publishers_;
    std::vector<std::vector<StreamCheck>> streams_;  ///< by subscriber and publisher
    const StoredTopics stored_;
    double bytes_per_subscription_ = 0;
    Latency latency_;
    Latency acknowledgement_;  ///< while at most one message of a publisher is in flight
    std::uint64_t received_ = 0;
    std::uint64_t misrouted_ = 0;
    std::uint64_t last_delivery_ns_ = 0;
};

}  // namespace bench
