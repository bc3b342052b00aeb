#include "gateway/message_text.hpp"

#include <nlohmann/json.hpp>

#include "core/base/base64.hpp"
#include "core/base/utf8.hpp"

namespace junctor {

namespace {

bool is_control(char letter) {
    const auto code = static_cast<unsigned char>(letter);
    return (code < 0x20 && letter != '\n' && letter != '\t') || code == 0x7f;
}

/// C1 control characters are U+0080 to U+009F: 0xc2 and a second byte below 0xa0.
bool is_plain_text(std::string_view text) {
    if (!valid_utf8(text)) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_control(text[i])) return false;
        if (text[i] == '\xc2' && static_cast<unsigned char>(text[i + 1]) < 0xa0) return false;
    }
    return true;
}

std::string base64(Bytes bytes) {
    ByteBuffer text;
    append_base64(text, bytes);
    return std::string(as_text(text));
}

/// Under `name` when it is text, else in base64 under `name` with a suffix.
void put_bytes(nlohmann::ordered_json& object, const std::string& name, Bytes bytes) {
    if (valid_utf8(as_text(bytes)))
        object[name] = as_text(bytes);
    else
        object[name + "_base64"] = base64(bytes);
}

/// An object, or a list of pairs where a name stands twice.
nlohmann::ordered_json headers_json(const std::vector<Header>& headers) {
    nlohmann::ordered_json object = nlohmann::ordered_json::object();
    nlohmann::ordered_json pairs = nlohmann::ordered_json::array();
    for (const Header& header : headers) {
        object[header.name] = header.value;
        pairs.push_back({header.name, header.value});
    }
    return object.size() == headers.size() ? object : pairs;
}

/// In seconds, without a fraction where there is none.
nlohmann::ordered_json seconds_json(Duration duration) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(duration);
    if (whole == duration) return whole.count();
    return std::chrono::duration<double>(duration).count();
}

void put_extras(const Extras& extras, nlohmann::ordered_json& object) {
    if (!extras.content_type.empty()) object["content_type"] = extras.content_type;
    if (!extras.headers.empty()) object["headers"] = headers_json(extras.headers);
    if (!extras.reply_to.empty()) object["reply_to"] = extras.reply_to;
    if (!extras.correlation.empty()) put_bytes(object, "correlation", extras.correlation);
}

}  // namespace

std::string payload_text(const ClientMessage& message) {
    const std::string_view text = as_text(message.payload);
    return is_plain_text(text) ? std::string(text) : "base64:" + base64(message.payload);
}

std::string message_json(const ClientMessage& message) {
    nlohmann::ordered_json object{{"topic", message.topic}};
    put_bytes(object, "data", message.payload);
    if (message.qos != Qos::at_most_once) object["qos"] = static_cast<int>(message.qos);
    if (message.retain) object["retain"] = true;
    if (message.ttl) object["ttl"] = seconds_json(*message.ttl);
    put_extras(message.extras, object);
    if (message.place.offset != 0) {
        object["epoch"] = epoch_text(message.place.epoch);
        object["offset"] = message.place.offset;
    }
    return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace junctor
