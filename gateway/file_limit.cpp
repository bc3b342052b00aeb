#include "gateway/file_limit.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>
#include <string>
#include <system_error>

#include "core/base/setup_error.hpp"
#include "gateway/address_rules.hpp"

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

/// Of this process; where that cannot be counted, the three that everybody has.
std::size_t open_files(rlim_t most) noexcept {
    std::error_code error;
    std::filesystem::directory_iterator each("/proc/self/fd", error);
    if (error == std::errc::too_many_files_open) return most;
    if (error) return 3;
    const auto counted = static_cast<std::size_t>(std::distance(begin(each), end(each)));
    return counted - 1;  // one of them is to count by
}

}  // namespace

std::size_t files_needed(const Configuration& configuration, const std::vector<Descriptor>& descriptors) {
    constexpr std::size_t per_core = 8;    // event loop, poller, doorbell, reserve
    constexpr std::size_t per_store = 12;  // log, lock, manifest, tables
    constexpr std::size_t per_remote = 6;  // connection, resolver, the client's thread
    constexpr std::size_t clients = 16;
    const std::size_t cores = configuration.cores;
    std::size_t needed = clients + cores * per_core + (configuration.store ? per_store : 0) +
                         per_remote * (configuration.bridges.size() + (configuration.backend ? 1 : 0));
    std::set<Address> shared;
    for (const AddressClaim& claim : claimed_addresses(configuration, descriptors)) {
        needed += claim.descriptors;
        if (!claim.own_socket && shared.insert(claim.address).second) needed += cores;
    }
    return needed;
}

void require_files(std::size_t more) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    const std::size_t least = open_files(limit.rlim_cur) + more;
    if (limit.rlim_cur >= least) return;
    throw SetupError("at least " + std::to_string(least) + " descriptors are needed, with a few for clients, and this process may open " +
                     std::to_string(limit.rlim_cur) + ": raise the limit of open files ('ulimit -n 65536' as root, or LimitNOFILE= of the service)");
}

void raise_file_limit() noexcept {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0) grow_table(limit.rlim_cur);
}

}  // namespace junctor
