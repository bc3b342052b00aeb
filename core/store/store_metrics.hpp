#pragma once

#include "core/observe/metrics.hpp"

namespace junctor {

/// The store's numbers. Handles are shared; the cells belong to the store, which guards them with its lock.
struct StoreMetrics {
    Counter commits = counter("junctor_store_commits_total", "Groups of batches made durable together");
    Counter batches = counter("junctor_store_batches_total", "Batches made durable");
    Counter bytes = counter("junctor_store_written_bytes_total", "Bytes of keys and values made durable");
    Counter microseconds = counter("junctor_store_commit_microseconds_total", "Time spent until groups were durable");
    Counter failures = counter("junctor_store_write_failures_total", "Attempts to write that failed; nothing is lost, each is repeated");
    Gauge waiting = gauge("junctor_store_waiting_bytes", "Bytes that are to be made durable");
    Gauge failing = gauge("junctor_store_failing", "1 while writing fails and what would have to be stored is refused");
    Gauge damaged_places = gauge("junctor_store_damaged_places", "Ranges of records that the last start found unreadable");
    Gauge damaged_log_bytes = gauge("junctor_store_damaged_log_bytes", "Bytes of the write-ahead log that the last start found unreadable");
};

}  // namespace junctor
