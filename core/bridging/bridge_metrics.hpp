#pragma once

#include "core/observe/metrics.hpp"

namespace junctor {

/// What bridges count.
struct BridgeMetrics {
    Counter out;      ///< messages handed to the other side
    Counter in;       ///< messages from there
    Counter looped;   ///< that had crossed where they were to go
    Counter refused;  ///< that the side they were for did not take
    Gauge connected;  ///< bridges whose other side is there
};

const BridgeMetrics& bridge_metrics();

}  // namespace junctor
