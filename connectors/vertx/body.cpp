#include "connectors/vertx/body.hpp"

#include "core/base/base64.hpp"
#include "core/base/json.hpp"
#include "core/base/utf8.hpp"

namespace junctor::vertx {
namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::string_view json_suffix = "+json";

/// The frame around it nests once more, and perhaps another envelope.
constexpr std::uint32_t deepest = 60;

bool is_json(std::string_view text) noexcept {
    return read_json(text, {.nesting = deepest, .bytes = text.size(), .values = text.size()}).error == JsonErrc::ok;
}

}  // namespace

bool says_json(std::string_view content_type) noexcept {
    content_type = content_type.substr(0, content_type.find(';'));
    while (content_type.ends_with(' ')) content_type.remove_suffix(1);
    return content_type == json_type || content_type.ends_with(json_suffix);
}

BodyForm append_body(ByteBuffer& to, Bytes payload, std::string_view content_type) {
    const std::string_view text = as_text(payload);
    const bool may_be = text.starts_with('{') || text.starts_with('[') || says_json(content_type);
    if (may_be && is_json(text)) {
        append(to, text);
        return BodyForm::json;
    }
    if (valid_utf8(text) && !says_json(content_type)) {
        append_json_string(to, text);
        return BodyForm::text;
    }
    append(to, std::string_view("\""));
    append_base64(to, payload);
    append(to, std::string_view("\""));
    return BodyForm::base64;
}

bool structured(std::string_view body) noexcept { return !body.empty() && body.front() != '"'; }

bool read_body(ByteBuffer& to, std::string_view body, std::string_view content_type, bool base64) {
    if (body.empty()) return true;
    if (structured(body) || (says_json(content_type) && !base64)) {
        append(to, body);
        return true;
    }
    const JsonValue string{JsonValue::Type::string, body};
    if (!base64) {
        append_decoded(to, string);
        return true;
    }
    return append_from_base64(to, string.bare());
}

}  // namespace junctor::vertx
