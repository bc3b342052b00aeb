#pragma once

#include <string_view>

#include "core/model/errc.hpp"
#include "core/observe/metrics.hpp"

namespace junctor::zeromq {

/// Counts what a peer sent and nobody could be told was refused: `junctor_zeromq_dropped_total{reason}`.
void count_dropped(Metrics& metrics, Errc reason) noexcept;

/// Counts what a DEALER or REQ was answered with this error code for, before any gate saw it: `junctor_bad_input_total{protocol,reason}`.
void count_bad_input(Metrics& metrics, std::string_view code) noexcept;

/// Counts a turn in which messages went on without a subscriber whose queue was full: `junctor_zeromq_stalled_total`.
void count_stalled(Metrics& metrics) noexcept;

/// Counts a SUB whose connection was ended because it did not read: `junctor_zeromq_slow_subscribers_total`.
void count_slow(Metrics& metrics) noexcept;

}  // namespace junctor::zeromq
