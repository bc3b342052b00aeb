#include "core/config/substitution.hpp"

#include <cstdlib>

namespace junctor::config {

namespace {

bool is_name(std::string_view text) {
    if (text.empty() || (text.front() >= '0' && text.front() <= '9')) return false;
    return text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

/// What stands between `${` and `}`.
Substituted expand(std::string_view reference, const Environment& environment) {
    const std::size_t split = reference.find(":-");
    const std::string name(reference.substr(0, split));
    if (!is_name(name)) return {{}, "'${" + std::string(reference) + "}' is no variable; write ${NAME} or ${NAME:-default}"};
    const std::optional<std::string> value = environment(name);
    if (split != std::string_view::npos) return {value.value_or("").empty() ? std::string(reference.substr(split + 2)) : *value, {}};
    if (!value) return {{}, "the variable " + name + " is not set; set it or write ${" + name + ":-default}"};
    return {*value, {}};
}

}  // namespace

Environment process_environment() {
    return [](std::string_view name) -> std::optional<std::string> {
        const char* const value = std::getenv(std::string(name).c_str());
        return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
    };
}

Substituted substitute(std::string_view text, const Environment& environment) {
    Substituted result;
    while (true) {
        const std::size_t start = text.find("${");
        if (start == std::string_view::npos) break;
        if (start > 0 && text[start - 1] == '$') {
            result.text += text.substr(0, start - 1);
            result.text += "${";
            text.remove_prefix(start + 2);
            continue;
        }
        const std::size_t end = text.find('}', start);
        if (end == std::string_view::npos) return {{}, "'${' without its '}'; for a literal '${' write '$${'"};
        const Substituted expanded = expand(text.substr(start + 2, end - start - 2), environment);
        if (!expanded.problem.empty()) return expanded;
        result.text += text.substr(0, start);
        result.text += expanded.text;
        text.remove_prefix(end + 1);
    }
    result.text += text;
    return result;
}

}  // namespace junctor::config
