#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/matrix/codec.hpp"
#include "connectors/matrix/transactions.hpp"

namespace junctor::matrix {

/// What a homeserver has pushed and nobody has begun to take: a refusal would make it think that the gateway is down, and what it sends from
/// then until it has found out better is out of order at times. On the backend's core.
class WaitingTransactions {
public:
    /// More of them is a homeserver that does not wait.
    static constexpr std::size_t most = Transactions::most_under_way;
    /// So long they wait at most: homeservers give up after a minute (Synapse), and then think the same.
    static constexpr Duration patience = std::chrono::seconds(20);

    struct Entry {
        std::string id;
        PushedEvents events;
        Transactions::Answer answer;
        TimePoint until{};
    };

    /// False, and no answer, where there are too many. Where it waits already, whoever waited for the answer has gone.
    bool add(Entry& entry) {
        const auto at = std::ranges::find(entries_, entry.id, &Entry::id);
        if (at != entries_.end()) return std::exchange(at->answer, std::move(entry.answer))(false), true;
        if (entries_.size() >= most) return false;
        entries_.push_back(std::move(entry));
        return true;
    }
    /// The first one.
    std::optional<Entry> next() {
        if (entries_.empty()) return std::nullopt;
        std::optional<Entry> first = std::move(entries_.front());
        entries_.pop_front();
        return first;
    }
    bool empty() const noexcept { return entries_.empty(); }
    /// When the first one has waited for too long; there is one.
    TimePoint due() const noexcept { return entries_.front().until; }
    /// The homeserver is to send again what has waited for too long.
    void refuse_until(TimePoint now) {
        while (!entries_.empty() && due() <= now) next()->answer(false);
    }
    void refuse_all() { refuse_until(TimePoint::max()); }

private:
    std::deque<Entry> entries_;
};

}  // namespace junctor::matrix
