#include "core/observe/log_limiter.hpp"

#include <utility>

namespace junctor {

std::optional<std::uint64_t> LogLimiter::admit(std::string_view area, TimePoint now) {
    Bucket& bucket = buckets_.try_emplace(area, Bucket{.filled_at = now}).first->second;
    if (now - bucket.filled_at >= std::chrono::seconds(1)) {
        bucket.filled_at = now;
        bucket.left = lines_per_second;
    }
    if (bucket.left == 0) {
        ++bucket.dropped;
        return std::nullopt;
    }
    --bucket.left;
    return std::exchange(bucket.dropped, 0);
}

}  // namespace junctor
