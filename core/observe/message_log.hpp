#pragma once

#include <functional>
#include <string_view>

#include "core/model/errc.hpp"

namespace junctor {

/// Who published what, how large, and how it ended: every so manyth message, never a payload. One per core.
class MessageLog {
public:
    /// Valid only during the call.
    struct Entry {
        std::string_view protocol;
        std::string_view session;    ///< its name; empty: unnamed
        std::string_view principal;
        std::string_view topic;
        std::size_t bytes = 0;       ///< of the payload
        Errc outcome = Errc::ok;     ///< ok: handed on
    };
    using Sink = std::function<void(const Entry&)>;

    /// Writes one of `every` messages; 0 writes none. Without a sink they go to the log, which escapes control bytes and limits its rate.
    void sample(std::uint32_t every, Sink sink = {});

    /// Is this message one to write? Costs one branch while the log is off.
    bool wants_next() noexcept { return every_ != 0 && count_++ % every_ == 0; }
    void write(const Entry& entry) const { sink_(entry); }

private:
    std::uint32_t every_ = 0;
    std::uint32_t count_ = 0;
    Sink sink_;
};

}  // namespace junctor
