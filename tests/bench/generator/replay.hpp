#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/generator/client.hpp"
#include "tests/bench/generator/options.hpp"
#include "tests/bench/generator/report.hpp"
#include "tests/bench/generator/stream_check.hpp"

namespace bench {

/// What a server has kept for subscribers that come later: messages queued for persistent sessions, or retained values.
class Replay {
public:
    explicit Replay(const Options& options);

    /// Stores the messages, fetches them with every subscriber and accounts for the fetching.
    Report run();

private:
    bool queued() const noexcept { return options_.pattern == Pattern::offline; }
    void leave_subscriptions();
    void store();
    void fetch();
    void open_subscribers();
    void subscribe();
    void on_message(std::uint32_t subscriber, std::string_view message);
    std::uint64_t expected() const noexcept { return std::uint64_t{options_.messages} * options_.subscribers; }
    Report report(double seconds, double cpu_seconds, double stored_bytes) const;

    const Options options_;
    ClientLoop loop_;
    Clients subscribers_;
    std::vector<StreamCheck> streams_;  ///< by subscriber
    std::uint64_t received_ = 0;
    std::uint64_t misrouted_ = 0;
    std::uint64_t last_delivery_ns_ = 0;
};

}  // namespace bench
