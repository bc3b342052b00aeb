#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace junctor::zeromq {

/// Which prefixes the subscribers of a door hold and which filters the core holds for them, both counted: the core hears
/// only of the first and the last.
class PrefixTable {
public:
    bool holds_filter(std::string_view filter) const noexcept { return filters_.contains(filter); }
    bool holds(std::string_view prefix) const noexcept { return prefixes_.contains(prefix); }
    /// What all prefixes take, their own bytes and ours.
    std::size_t footprint() const noexcept { return prefixes_.size() * sizeof(Prefix) + bytes_; }

    /// One more subscriber of `prefix`, served by `filter`.
    void add(std::string_view prefix, std::string_view filter);

    /// One subscriber less. The filter that nobody needs any more, if that was its last prefix; nullopt too for a prefix nobody has.
    std::optional<std::string> remove(std::string_view prefix);

    /// Drops a filter with all its prefixes.
    void forget(std::string_view filter) noexcept;
    void clear() noexcept;

private:
    using Filters = std::map<std::string, std::uint32_t, std::less<>>;
    struct Prefix {
        std::uint32_t subscribers = 0;
        Filters::iterator filter;
    };

    std::size_t bytes_ = 0;
    Filters filters_;  ///< how many distinct prefixes need each
    std::map<std::string, Prefix, std::less<>> prefixes_;
};

}  // namespace junctor::zeromq
