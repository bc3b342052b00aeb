#include "core/bridging/bridge_metrics.hpp"

namespace junctor {

const BridgeMetrics& bridge_metrics() {
    static const BridgeMetrics metrics{
        counter("junctor_bridge_messages_total", "Messages that bridges carry", {{"direction", "out"}}),
        counter("junctor_bridge_messages_total", "Messages that bridges carry", {{"direction", "in"}}),
        counter("junctor_bridge_loops_total", "Messages that had crossed where a bridge was to carry them"),
        counter("junctor_bridge_refused_total", "Messages that the side they were for did not take"),
        gauge("junctor_bridges_connected", "Bridges whose other side is there"),
    };
    return metrics;
}

}  // namespace junctor
