#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace junctor::matrix {

/// Up to where of a homeserver's stream everything that has come is also kept here: from there a gateway goes on that starts again.
class Positions {
public:
    /// What comes from here on, until `complete`, leads up to `end`. `counts`: something comes, so that it is worth writing down.
    void begin(std::string end, bool counts) { spans_.push_back({std::move(end), 1, ++last_span_, counts}); }
    /// All of the span has come.
    void complete() { --spans_.back().missing; }
    /// One message of the span that has begun, to be kept by somebody: the number by which `kept` knows it.
    std::uint64_t expect() {
        ++spans_.back().missing;
        of_[++last_number_] = spans_.back().number;
        return last_number_;
    }
    void kept(std::uint64_t number) {
        const auto at = of_.find(number);
        if (at == of_.end()) return;
        for (Span& each : spans_)
            if (each.number == at->second) --each.missing;
        of_.erase(at);
    }
    /// What is left of a span does not count any more: it comes again.
    void forget(std::string_view end) {
        const auto at = std::ranges::find(spans_, end, &Span::end);
        if (at == spans_.end()) return;
        std::erase_if(of_, [number = at->number](const auto& each) { return each.second == number; });
        spans_.erase(at);
    }
    /// Goes on over the spans of which nothing is missing; whether one of them counts.
    bool advance() {
        bool counts = false;
        for (; !spans_.empty() && spans_.front().missing == 0; spans_.pop_front()) {
            counts |= spans_.front().counts;
            reached_ = std::move(spans_.front().end);
        }
        return counts;
    }
    const std::string& reached() const noexcept { return reached_; }

private:
    struct Span {
        std::string end;
        std::size_t missing;  ///< messages that are not kept yet; one more while the span is not complete
        std::uint64_t number;
        bool counts;
    };

    std::deque<Span> spans_;
    std::unordered_map<std::uint64_t, std::uint64_t> of_;  ///< message to span
    std::string reached_;
    std::uint64_t last_span_ = 0;
    std::uint64_t last_number_ = 0;
};

}  // namespace junctor::matrix
