#include "policy/callout/callout_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/json.hpp"
#include "core/base/utf8.hpp"

namespace junctor {
namespace {

constexpr std::size_t longest_reason = 200;
constexpr double longest_ttl_s = 1e9;

}  // namespace

void JsonObject::begin(std::string_view name) {
    if (!std::exchange(first_, false)) append(to_, std::string_view(","));
    append_json_string(to_, name);
    append(to_, std::string_view(":"));
}

void JsonObject::text(std::string_view name, std::string_view value) {
    begin(name);
    append_json_string(to_, value);
}

void append_claims(JsonObject& to, const Principal& principal) {
    to.text("tenant", principal.tenant_name);
    to.member("groups", [&](ByteBuffer& list) {
        append(list, std::string_view("["));
        for (std::size_t i = 0; i < principal.groups.size(); ++i) {
            if (i != 0) append(list, std::string_view(","));
            append_json_string(list, principal.groups[i]);
        }
        append(list, std::string_view("]"));
    });
    to.member("attributes", [&](ByteBuffer& into) {
        JsonObject attributes(into);
        for (const auto& [name, value] : principal.attributes) attributes.text(name, value);
        attributes.end();
    });
}

std::optional<nlohmann::json> json_of(const HttpResponse& response) {
    Result<nlohmann::json> parsed = parse_json(response.body);
    if (!parsed) return std::nullopt;
    return std::move(*parsed);
}

std::string one_line(std::string_view text) {
    std::string line(text.substr(0, longest_reason));
    while (!line.empty() && !valid_utf8(line) && text.size() > line.size()) line.pop_back();
    if (!valid_utf8(line)) return {};
    std::ranges::replace_if(line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    return line;
}

std::string reason_in(const nlohmann::json& object) {
    const auto found = object.find("reason");
    return found != object.end() && found->is_string() ? one_line(found->get_ref<const std::string&>()) : std::string();
}

std::optional<Duration> ttl_in(const nlohmann::json& object) {
    const auto found = object.find("ttl");
    if (found == object.end() || !found->is_number()) return std::nullopt;
    const double seconds = found->get<double>();
    if (!(seconds >= 0)) return std::nullopt;
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(std::min(seconds, longest_ttl_s)));
}

}  // namespace junctor
