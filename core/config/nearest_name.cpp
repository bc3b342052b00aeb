#include "core/config/nearest_name.hpp"

#include <algorithm>
#include <cctype>

namespace junctor::config {

namespace {

constexpr std::size_t longest_name = 64;

/// Edits of a letter, or swaps of two neighbours, that turn one text into the other (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> above(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, above);
        std::swap(above, row);
    }
    return above[b.size()];
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& letter : result) letter = letter == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    return result;
}

/// For who writes `pub` or `addr`.
std::optional<std::string> beginning_with(std::string_view name, const std::vector<std::string>& candidates) {
    constexpr std::size_t least = 3;
    if (name.size() < least) return std::nullopt;
    for (const std::string& candidate : candidates)
        if (lower(candidate).starts_with(lower(name))) return candidate;
    return std::nullopt;
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
    if (name.empty() || name.size() > longest_name) return std::nullopt;
    std::optional<std::string> best;
    std::size_t least = std::max<std::size_t>(1, name.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t edits = distance(lower(name), lower(candidate));
        if (edits >= least) continue;
        least = edits;
        best = candidate;
    }
    return best ? best : beginning_with(name, candidates);
}

std::string suggestion(std::string_view name, const std::vector<std::string>& candidates) {
    if (const auto near = nearest_name(name, candidates)) return "; did you mean '" + *near + "'?";
    if (candidates.empty()) return "; nothing can be set here";
    std::string text;
    for (const std::string& candidate : candidates) text += (text.empty() ? "; valid here: " : ", ") + candidate;
    return text;
}

}  // namespace junctor::config
