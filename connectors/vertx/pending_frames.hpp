#pragma once

#include <algorithm>
#include <list>
#include <optional>
#include <string>

#include "core/base/ids.hpp"

namespace junctor::vertx {

/// A client's frames whose end is not known. Clients rely on a pong coming behind the end of all that went before its ping, a registration
/// above all, which nothing else confirms. Requests stand apart: their answers have names. A value: sends nothing.
class PendingFrames {
public:
    struct Entry {
        enum class What : std::uint8_t { publish, registration, ping };
        What what;
        Token token;
        std::string address;
        bool done = false;
    };

    void add(Entry::What what, Token token, std::string address) { entries_.push_back({what, token, std::move(address)}); }
    void add_ping() { entries_.push_back({Entry::What::ping, {}, {}, true}); }
    std::size_t size() const noexcept { return entries_.size(); }

    /// What ended; nothing where it is none of these.
    std::optional<Entry> end(Token token) {
        const auto at = std::ranges::find_if(entries_, [&](const Entry& each) { return !each.done && each.token == token; });
        if (at == entries_.end()) return std::nullopt;
        at->done = true;
        return *at;
    }
    /// How many pings are due now.
    std::size_t pongs() {
        std::size_t due = 0;
        for (; !entries_.empty() && entries_.front().done; entries_.pop_front()) due += entries_.front().what == Entry::What::ping;
        return due;
    }

private:
    std::list<Entry> entries_;  ///< costs nothing while it is empty, unlike a deque
};

}  // namespace junctor::vertx
