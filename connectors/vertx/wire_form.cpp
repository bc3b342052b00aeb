#include "connectors/vertx/wire_form.hpp"

#include "core/base/json.hpp"

namespace junctor::vertx {

void append_message(ByteBuffer& to, const Frame& frame, WireForm form) {
    if (form == WireForm::tcp) return append_framed(to, frame);
    if (form == WireForm::raw) return append_frame(to, frame, Dialect::sockjs);
    ByteBuffer text;
    append_frame(text, frame, Dialect::sockjs);
    append(to, std::string_view("a["));
    append_json_string(to, as_text(text));
    append(to, std::string_view("]"));
}

void append_error(ByteBuffer& to, std::string_view reason, WireForm form) {
    Frame frame;
    frame.type = Type::err;
    ByteBuffer body;
    if (form == WireForm::tcp) {
        frame.message = reason;
    } else {
        append_json_string(body, reason);
        frame.body = as_text(body);
    }
    append_message(to, frame, form);
}

bool read_sockjs(std::string_view message, const DecodeLimits& limits, const std::function<void(std::string_view)>& each) {
    const JsonDocument document = read_json(message, {.nesting = 2, .bytes = limits.bytes, .values = limits.bytes});
    if (document.error != JsonErrc::ok) return false;
    const auto say = [&](const JsonValue& string) {
        if (string.type != JsonValue::Type::string) return false;
        ByteBuffer text;
        append_decoded(text, string);
        each(as_text(text));
        return true;
    };
    if (document.root.type == JsonValue::Type::string) return say(document.root);
    if (document.root.type != JsonValue::Type::array) return false;
    JsonCursor elements(document.root);
    for (JsonValue element; elements.next(element);)
        if (!say(element)) return false;
    return true;
}

}  // namespace junctor::vertx
