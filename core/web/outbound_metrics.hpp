#pragma once

#include <array>
#include <optional>
#include <string>

#include "core/observe/metrics.hpp"
#include "core/ports/outbound.hpp"

namespace junctor::web {

/// What is counted of one origin. On the outbound thread, whose cells these are. Labels hold `https://host:port`, never more of a URL.
class OutboundMetrics {
public:
    OutboundMetrics(Metrics& cells, const std::string& origin);

    void requested() noexcept { cells_.add(requests_); }
    /// After that time the answer was whole.
    void answered(Duration took) noexcept;
    void failed(OutboundFailure why) noexcept;
    void circuit(bool open) noexcept;
    void connections(std::int64_t more) noexcept { cells_.add(connections_, more); }

private:
    Metrics& cells_;
    const std::string origin_;
    Counter requests_;
    Counter microseconds_;
    std::array<Counter, 4> answers_;
    Gauge connections_;
    Gauge circuit_;
    bool open_ = false;
    std::array<std::optional<Counter>, outbound_failure_count> failures_;
};

}  // namespace junctor::web
