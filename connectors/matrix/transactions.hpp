#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/clock.hpp"

namespace junctor::matrix {

/// The transactions that a homeserver pushes: each is answered when all of it is kept here and its id is written down, so that one that
/// comes again, after a restart too, delivers nothing again (application service API, "Pushing events"). On the backend's core.
class Transactions {
public:
    /// `taken`: the homeserver need not send it again. Called once, on the backend's core.
    using Answer = std::function<void(bool taken)>;

    /// A homeserver sends one after the other; more of them is a homeserver that does not wait.
    static constexpr std::size_t most_under_way = 8;
    /// What is not kept after so long is delivered anew when it comes again: whoever had to keep it could not.
    static constexpr Duration keeping_time = std::chrono::seconds(30);
    /// Ids that are written down, the last ones.
    static constexpr std::size_t remembered = 16;

    /// What was written down before this run.
    void remember(std::vector<std::string> ids) { done_.assign(std::make_move_iterator(ids.begin()), std::make_move_iterator(ids.end())); }

    bool done(std::string_view id) const noexcept { return std::ranges::find(done_, id) != done_.end(); }
    bool under_way(std::string_view id) const noexcept { return std::ranges::find(under_way_, id, &Entry::id) != under_way_.end(); }
    bool full() const noexcept { return under_way_.size() >= most_under_way; }

    /// Without an id: one of our own, that no homeserver sends again.
    void begin(std::string id, Answer answer, TimePoint now) { under_way_.push_back({std::move(id), std::move(answer), now, false, {}}); }
    /// What is to be written down beside its id, of the one that was begun last.
    void note(std::string state) { under_way_.back().state = std::move(state); }
    /// One under way has come again: whoever waited for the answer has gone.
    void again(std::string_view id, Answer answer) {
        const auto at = std::ranges::find(under_way_, id, &Entry::id);
        std::exchange(at->answer, std::move(answer))(false);
    }
    /// Whether it has been under way since `before` without being kept.
    bool stuck(std::string_view id, TimePoint before) const noexcept {
        const auto at = std::ranges::find(under_way_, id, &Entry::id);
        return at != under_way_.end() && !at->kept && at->begun < before;
    }
    void forget(std::string_view id) {
        const auto at = std::ranges::find(under_way_, id, &Entry::id);
        at->answer(false);
        under_way_.erase(at);
    }

    /// Everything is kept here up to this one.
    void reached(std::string_view id) {
        const auto last = std::ranges::find(under_way_, id, &Entry::id);
        if (last != under_way_.end()) std::for_each(under_way_.begin(), last + 1, [](Entry& each) { each.kept = true; });
    }
    /// How many are kept and not answered, the first ones.
    std::size_t kept() const noexcept { return static_cast<std::size_t>(std::ranges::find(under_way_, false, &Entry::kept) - under_way_.begin()); }
    /// What is to be written down so that those can be answered.
    std::vector<std::string> ids() const {
        std::vector<std::string> ids(done_.begin(), done_.end());
        for (std::size_t i = 0; i < kept(); ++i)
            if (!under_way_[i].id.empty()) ids.push_back(under_way_[i].id);
        if (ids.size() > remembered) ids.erase(ids.begin(), ids.end() - remembered);
        return ids;
    }
    /// The note of the last one of those; there is one.
    const std::string& state() const noexcept { return under_way_[kept() - 1].state; }
    /// The first `count` of those that are kept: the homeserver hears that they are.
    void answer(std::size_t count) {
        for (; count > 0 && !under_way_.empty(); --count) {
            Entry entry = std::move(under_way_.front());
            under_way_.pop_front();
            if (!entry.id.empty()) done_.push_back(std::move(entry.id));
            if (done_.size() > remembered) done_.pop_front();
            entry.answer(true);
        }
    }

private:
    struct Entry {
        std::string id;
        Answer answer;
        TimePoint begun;
        bool kept;
        std::string state;
    };

    std::deque<Entry> under_way_;
    std::deque<std::string> done_;
};

}  // namespace junctor::matrix
