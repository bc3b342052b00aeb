#pragma once

#include <string_view>

#include "core/model/topic_filter.hpp"

namespace junctor::zeromq {

/// What the core must hand over so that libzmq can serve this prefix: the prefix cut behind its last `/`, plus `#`.
/// Errc::bad_filter where no topic can begin with it, or where the cut would mean more than its text (`$share/`).
Result<TopicFilter> interest_of(TenantId tenant, std::string_view prefix);

/// The prefix that means "every topic": it stands for all first bytes but `$`, so that the gateway's own topics stay out
/// of it as they stay out of `#`. Calls `each(std::string_view)` with what a pipe is subscribed to for `prefix`.
template <class Each>
void for_each_pipe_prefix(std::string_view prefix, Each&& each) {
    if (!prefix.empty()) {
        each(prefix);
        return;
    }
    for (int byte = 0x20; byte < 0xf5; ++byte) {
        const char first = static_cast<char>(byte);
        if (first != '$') each(std::string_view(&first, 1));
    }
}

}  // namespace junctor::zeromq
