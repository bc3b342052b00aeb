#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace junctor::zeromq {

/// Which prefixes the connections of a door hold and which filters the core holds for them, counted: the core hears only of the
/// first and the last. A connection is named by the number that `Socket::connection` gives it.
class PrefixTable {
public:
    bool holds_filter(std::string_view filter) const noexcept { return filters_.contains(filter); }
    bool holds(int connection, std::string_view prefix) const noexcept;
    /// Whether some connection gets messages of that topic. The empty prefix gets all but `$` topics.
    bool wants(std::string_view topic) const noexcept;
    bool empty() const noexcept { return holders_.empty(); }
    /// What all prefixes take, their own bytes and ours.
    std::size_t footprint() const noexcept { return count_ * sizeof(Prefixes::value_type) + bytes_; }

    /// `connection` wants `prefix`, served by `filter`. Once is enough: the same again changes nothing.
    void add(int connection, std::string_view prefix, std::string_view filter);

    /// It wants it no more. The filter that nobody needs any longer, if that was its last prefix.
    std::optional<std::string> remove(int connection, std::string_view prefix);
    /// It has gone, with all it wanted. The filters that nobody needs any longer.
    std::vector<std::string> remove(int connection);

    /// Drops a filter with all its prefixes.
    void forget(std::string_view filter) noexcept;
    void clear() noexcept;

private:
    using Filters = std::map<std::string, std::uint32_t, std::less<>>;
    using Prefixes = std::map<std::string, Filters::iterator, std::less<>>;

    Prefixes::iterator erase(Prefixes& prefixes, Prefixes::iterator entry) noexcept;
    /// One prefix less needs it; its text, if none does now.
    std::optional<std::string> let_go(Filters::iterator filter);

    std::size_t bytes_ = 0;
    std::size_t count_ = 0;
    Filters filters_;  ///< how many prefixes of all connections need each
    std::unordered_map<int, Prefixes> holders_;
};

}  // namespace junctor::zeromq
