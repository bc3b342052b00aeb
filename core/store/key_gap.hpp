#pragma once

#include <functional>
#include <string>

namespace junctor {

/// Finds the far side of a hole in an ordered map whose keys can be tried but not listed: with keys as large binary fractions, first in
/// doubling steps, then by halving. Costs about as many trials as a key has bits.
class KeyGap {
public:
    using Readable = std::function<bool(const std::string& key)>;

    /// The hole is somewhere after `last`, the last key that was read; empty: from the start.
    explicit KeyGap(const std::string& last);

    /// False where nothing behind is readable.
    bool widen_until(const Readable& readable);
    void narrow(const Readable& readable);

    /// At or before the first readable key behind the hole, and readable itself.
    const std::string& end() const noexcept { return high_; }

private:
    std::string low_;   ///< not readable
    std::string high_;  ///< readable
};

}  // namespace junctor
