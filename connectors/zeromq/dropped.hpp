#pragma once

#include "core/model/errc.hpp"
#include "core/observe/metrics.hpp"

namespace junctor::zeromq {

/// Counts what a peer sent and nobody could be told was refused: `junctor_zeromq_dropped_total{reason}`.
void count_dropped(Metrics& metrics, Errc reason) noexcept;

/// Counts a turn in which messages went on without a subscriber whose queue was full: `junctor_zeromq_stalled_total`.
void count_stalled(Metrics& metrics) noexcept;

}  // namespace junctor::zeromq
