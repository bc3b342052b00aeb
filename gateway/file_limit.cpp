#include "gateway/file_limit.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace junctor {

namespace {

constexpr rlim_t most_at_once = 64 << 10;  // half a megabyte of the kernel's memory

/// The kernel doubles a process's table of descriptors when it is full, and all threads' next connections wait for 10 ms and more
/// until it has (RCU). It never shrinks, so that its size is settled before there are connections.
void grow_table(rlim_t descriptors) noexcept {
    const int low = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (low < 0) return;
    const int high = fcntl(low, F_DUPFD_CLOEXEC, static_cast<int>(std::min(descriptors, most_at_once)) - 1);
    if (high >= 0) close(high);
    close(low);
}

}  // namespace

void raise_file_limit() noexcept {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0) grow_table(limit.rlim_cur);
}

}  // namespace junctor
