#include "policy/tokens/claims.hpp"

#include <algorithm>

#include "policy/tokens/token_errc.hpp"

namespace junctor {
namespace {

using nlohmann::json;

constexpr std::int64_t latest_second = 253'402'300'799;  // 9999-12-31
constexpr std::int64_t end_of_time = 7'258'118'400;      // 2200-01-01: what is later would be beyond a Duration, and is as good as then

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> found;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (end > 0) found.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return found;
}

}  // namespace

const json* find_claim(const json& claims, std::string_view path) {
    if (!claims.is_object()) return nullptr;
    if (const auto found = claims.find(path); found != claims.end()) return &*found;
    const std::size_t dot = path.find('.');
    if (dot == std::string_view::npos) return nullptr;
    const auto outer = claims.find(path.substr(0, dot));
    return outer == claims.end() ? nullptr : find_claim(*outer, path.substr(dot + 1));
}

std::optional<std::string> claim_text(const json& claim) {
    if (claim.is_string()) return claim.get<std::string>();
    if (claim.is_boolean() || claim.is_number()) return claim.dump();
    const auto list = claim_texts(claim);
    if (!list) return std::nullopt;
    std::string joined;
    for (const std::string& text : *list) joined += (joined.empty() ? "" : " ") + text;
    return joined;
}

std::optional<std::vector<std::string>> claim_texts(const json& claim) {
    if (claim.is_string()) return words(claim.get_ref<const std::string&>());
    if (!claim.is_array()) return std::nullopt;
    std::vector<std::string> texts;
    for (const json& element : claim) {
        if (!element.is_string()) return std::nullopt;
        texts.push_back(element);
    }
    return texts;
}

Result<std::optional<WallTime>> claim_time(const json& claims, std::string_view name) {
    const auto found = claims.find(name);
    if (found == claims.end()) return std::optional<WallTime>();
    if (!found->is_number_integer()) return TokenErrc::bad_claim;
    // What is too large for a signed number has become negative.
    const auto seconds = found->get<std::int64_t>();
    if (seconds < 0 || seconds > latest_second) return TokenErrc::bad_claim;
    return std::optional(WallTime(std::chrono::seconds(std::min(seconds, end_of_time))));
}

}  // namespace junctor
