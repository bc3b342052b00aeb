#include "policy/jose/strict_json.hpp"

#include <set>
#include <string>

#include "core/base/json.hpp"
#include "policy/jose/jose_errc.hpp"

namespace junctor::jose {
namespace {

bool names_differ(const JsonValue& value);

std::string decoded(const JsonValue& name) {
    ByteBuffer text;
    append_decoded(text, name);
    return std::string(as_text(text));
}

bool object_names_differ(const JsonValue& object) {
    std::set<std::string> seen;
    JsonCursor members(object);
    for (JsonValue name, value; members.next(name, value);)
        if (!seen.insert(decoded(name)).second || !names_differ(value)) return false;
    return true;
}

/// As deep as the limits let documents be.
bool names_differ(const JsonValue& value) {
    if (value.type == JsonValue::Type::object) return object_names_differ(value);
    if (value.type != JsonValue::Type::array) return true;
    JsonCursor elements(value);
    for (JsonValue element; elements.next(element);)
        if (!names_differ(element)) return false;
    return true;
}

}  // namespace

Result<nlohmann::json> parse_strict_object(std::string_view text, const JsonLimits& limits) {
    const JsonDocument document = read_json(text, limits);
    if (document.error != JsonErrc::ok || document.root.type != JsonValue::Type::object || !names_differ(document.root))
        return make_error_code(JoseErrc::malformed);
    Result<nlohmann::json> built = parse_json(as_bytes(text), limits);
    if (!built) return make_error_code(JoseErrc::malformed);
    return built;
}

const std::string* string_member(const nlohmann::json& object, std::string_view name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get_ptr<const std::string*>() : nullptr;
}

}  // namespace junctor::jose
