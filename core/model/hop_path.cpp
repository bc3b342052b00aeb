#include "core/model/hop_path.hpp"

#include <algorithm>

namespace junctor {
namespace {

bool in_name(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == ':';
}

}  // namespace

std::string hop_name(std::string_view text) {
    std::string name(text.substr(0, max_hop_name));
    std::ranges::replace_if(name, [](char c) { return !in_name(c); }, '_');
    return name;
}

bool is_hop_path(std::string_view path) noexcept {
    return path.size() <= max_hop_path && std::ranges::all_of(path, [](char c) { return in_name(c) || c == ','; });
}

bool crossed(std::string_view path, std::string_view name) noexcept {
    while (!path.empty()) {
        const std::string_view last = last_hop(path);
        if (last == name) return true;
        path = without_last_hop(path);
    }
    return false;
}

std::string_view last_hop(std::string_view path) noexcept {
    const std::size_t comma = path.rfind(',');
    return comma == path.npos ? path : path.substr(comma + 1);
}

std::string_view without_last_hop(std::string_view path) noexcept {
    const std::size_t comma = path.rfind(',');
    return comma == path.npos ? std::string_view() : path.substr(0, comma);
}

std::optional<std::string> with_hop(std::string_view path, std::string_view name) {
    std::string longer(path);
    if (!path.empty() && last_hop(path) == name) return longer;
    if (!longer.empty()) longer += ',';
    longer += name;
    return longer.size() <= max_hop_path ? std::optional(std::move(longer)) : std::nullopt;
}

}  // namespace junctor
