#include "connectors/matrix/mapping.hpp"

#include <nlohmann/json.hpp>

#include "core/base/json.hpp"
#include "core/bridging/envelope_json.hpp"

namespace junctor::matrix {
namespace {

using namespace std::string_view_literals;
using nlohmann::json;

bool read(const json& message, ArrivedMessage& out) { return message.is_object() && read_envelope_json(message.dump(), out); }

}  // namespace

std::optional<std::string> to_json(const Envelope& envelope, TimePoint now, std::string_view gateway, bool topic) {
    ByteBuffer to;
    to.reserve(envelope.payload().size() * 4 / 3 + 256);
    if (!append_envelope_json(to, envelope, now, gateway, {.topic = topic})) return std::nullopt;
    return std::string(as_text(to));
}

bool from_json(const json& message, std::string_view gateway, ArrivedMessage& out) {
    if (!read(message, out)) return false;
    out.finish(gateway);
    return true;
}

std::optional<SingleEvent> to_single_event(const Envelope& envelope, TimePoint now, std::string_view gateway) {
    ByteBuffer to;
    if (envelope.payload().empty() || !goes_as_text(envelope.payload())) {
        std::optional<std::string> message = to_json(envelope, now, gateway, false);
        if (!message) return std::nullopt;
        return SingleEvent{single_event, "{\"junctor\":" + *message + "}"};
    }
    append(to, "{\"msgtype\":\"m.text\",\"junctor\":{"sv);
    if (!append_envelope_members(to, envelope, now, gateway, {.topic = false})) return std::nullopt;
    append(to, "},\"body\":"sv);
    append_json_string(to, as_text(envelope.payload()));
    append(to, "}"sv);
    return SingleEvent{text_event, std::string(as_text(to))};
}

bool from_single_event(std::string_view type, const json& content, std::string_view gateway, ArrivedMessage& out) {
    if (!content.is_object() || (type != text_event && type != single_event)) return false;
    const auto ours = content.find(envelope_key);
    if (ours != content.end() && !read(*ours, out)) return false;
    if (type == text_event) {
        const auto body = content.find("body");
        if (body == content.end() || !body->is_string()) return false;
        out.payload.clear();
        append(out.payload, std::string_view(body->get_ref<const std::string&>()));
        if (ours == content.end()) out.draft.qos = Qos::at_least_once;
    } else if (ours == content.end()) {
        return false;
    }
    out.finish(gateway);
    return true;
}

}  // namespace junctor::matrix
