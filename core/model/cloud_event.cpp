#include "core/model/cloud_event.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include "core/base/base64.hpp"
#include "core/base/json.hpp"
#include "core/base/utf8.hpp"

namespace junctor {
namespace {

constexpr std::string_view prefix = "ce-";
constexpr std::array<std::string_view, 4> required{"specversion", "id", "source", "type"};

bool is_attribute_name(std::string_view name) noexcept {
    return !name.empty() && std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

std::string decoded(const JsonValue& string) {
    ByteBuffer text;
    append_decoded(text, string);
    return std::string(as_text(text));
}

bool json_type(std::string_view type) noexcept {
    const std::string_view media = type.substr(0, type.find(';'));
    return media.ends_with("/json") || media.ends_with("+json");
}

const std::string* attribute(const Extras& extras, std::string_view name) {
    for (const Header& header : extras.headers)
        if (header.name.starts_with(prefix) && std::string_view(header.name).substr(prefix.size()) == name) return &header.value;
    return nullptr;
}

/// Takes an event apart, member by member.
class Reader {
public:
    explicit Reader(CloudEvent& into) noexcept : into_(into) {}

    std::string take(std::string_view name, const JsonValue& value) {
        if (value.type == JsonValue::Type::null) return {};
        if (name == "data" || name == "data_base64") return take_data(name, value);
        if (!is_attribute_name(name)) return "'" + std::string(name.substr(0, 64)) + "' is not an attribute name: lower-case letters and digits";
        if (value.type == JsonValue::Type::object || value.type == JsonValue::Type::array) return "an attribute is text, a number or true or false";
        std::string text = value.type == JsonValue::Type::string ? decoded(value) : std::string(value.text);
        if (name == "datacontenttype") into_.extras.content_type = std::move(text);
        else if (name == "replyto") into_.extras.reply_to = std::move(text);
        else if (name == "correlationid") append(into_.extras.correlation, text);
        else if (name == "traceparent") into_.extras.trace = std::move(text);
        else into_.extras.headers.push_back({std::string(prefix) + std::string(name), std::move(text)});
        return {};
    }

    /// When all members are known: the meaning of `data` depends on its type.
    std::string finish() {
        for (const std::string_view name : required)
            if (const std::string* value = attribute(into_.extras, name); !value || value->empty())
                return "a CloudEvent needs '" + std::string(name) + "'";
        if (*attribute(into_.extras, "specversion") != "1.0") return "only CloudEvents 1.0 are understood";
        if (data_.type == JsonValue::Type::null) return {};
        std::string& type = into_.extras.content_type;
        if (type.empty()) type = "application/json";  // section 3.1.1
        if (data_.type == JsonValue::Type::string && !json_type(type)) append_decoded(into_.data, data_);
        else append(into_.data, data_.text);
        return {};
    }

private:
    std::string take_data(std::string_view name, const JsonValue& value) {
        if (std::exchange(has_data_, true)) return "there is either data or data_base64";
        if (name == "data") data_ = value;
        else if (value.type != JsonValue::Type::string || !append_from_base64(into_.data, decoded(value))) return "data_base64 is not base64";
        return {};
    }

    CloudEvent& into_;
    JsonValue data_;
    bool has_data_ = false;
};

/// RFC 3339, in UTC.
std::string time_text(WallTime at) {
    const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

std::string id_text(const MessageId& id) {
    return std::to_string(id.gateway) + '-' + std::to_string(id.core.value) + '-' + std::to_string(id.counter);
}

/// Writes an object's members; one that is there already is not written again.
class Writer {
public:
    explicit Writer(ByteBuffer& to) noexcept : to_(to) {}

    void text(std::string_view name, std::string_view value) {
        if (value.empty() || !valid_utf8(value) || std::ranges::find(written_, name) != written_.end()) return;
        key(name);
        append_json_string(to_, value);
    }
    void data(Bytes payload, std::string_view type) {
        const std::string_view plain = as_text(payload);
        constexpr JsonLimits within_event{.nesting = JsonLimits{}.nesting - 1};
        if (json_type(type) && read_json(plain, within_event).error == JsonErrc::ok) return key("data"), append(to_, payload);
        if (valid_utf8(plain) && !json_type(type)) return key("data"), append_json_string(to_, plain);
        key("data_base64");
        append(to_, "\"");
        append_base64(to_, payload);
        append(to_, "\"");
    }

private:
    void key(std::string_view name) {
        append(to_, written_.empty() ? "{" : ",");
        append_json_string(to_, name);
        append(to_, ":");
        written_.emplace_back(name);
    }

    ByteBuffer& to_;
    std::vector<std::string> written_;
};

void write_attributes(Writer& writer, const Extras& extras) {
    for (const Header& header : extras.headers) {
        const std::string_view name = header.name;
        if (name.starts_with(prefix) && is_attribute_name(name.substr(prefix.size()))) writer.text(name.substr(prefix.size()), header.value);
    }
    writer.text("replyto", extras.reply_to);
    writer.text("correlationid", as_text(extras.correlation));
    writer.text("traceparent", extras.trace);
}

std::string read_event(const JsonValue& event, std::size_t most_headers, CloudEvent& into) {
    if (event.type != JsonValue::Type::object) return "a CloudEvent is a JSON object";
    Reader reader(into);
    JsonCursor members(event);
    JsonValue name, value;
    while (members.next(name, value)) {
        if (std::string wrong = reader.take(decoded(name), value); !wrong.empty()) return wrong;
        if (into.extras.headers.size() > most_headers) return "more attributes than the limit on headers";
    }
    return reader.finish();
}

std::string broken(const JsonDocument& document) { return "not JSON within the limits, at byte " + std::to_string(document.error_at); }

}  // namespace

std::string read_cloud_event(std::string_view text, const JsonLimits& limits, std::size_t most_headers, CloudEvent& into) {
    const JsonDocument document = read_json(text, limits);
    return document.error == JsonErrc::ok ? read_event(document.root, most_headers, into) : broken(document);
}

std::string read_cloud_event_batch(std::string_view text, const JsonLimits& limits, std::size_t most_headers, std::size_t most_events,
                                   std::vector<CloudEvent>& into) {
    const JsonDocument document = read_json(text, limits);
    if (document.error != JsonErrc::ok) return broken(document);
    if (document.root.type != JsonValue::Type::array) return "a batch of CloudEvents is a JSON array";
    JsonCursor elements(document.root);
    JsonValue element;
    for (std::size_t at = 0; elements.next(element); ++at) {
        if (at == most_events) return "more than " + std::to_string(most_events) + " events in one batch";
        if (std::string wrong = read_event(element, most_headers, into.emplace_back()); !wrong.empty())
            return "event " + std::to_string(at + 1) + ": " + wrong;
    }
    return {};
}

void append_cloud_event(ByteBuffer& to, const Envelope& envelope, TimePoint now, WallTime wall) {
    static const Extras none;
    const Extras& extras = envelope.extras() ? *envelope.extras() : none;
    const std::string_view type = extras.content_type.empty() ? "text/plain" : std::string_view(extras.content_type);
    Writer writer(to);
    writer.text("specversion", "1.0");
    write_attributes(writer, extras);
    writer.text("id", id_text(envelope.id()));
    writer.text("source", "/junctor");
    writer.text("type", "junctor.message");
    writer.text("subject", envelope.topic_text());
    writer.text("time", time_text(wall - std::chrono::duration_cast<WallTime::duration>(now - envelope.published_at())));
    const bool known = !extras.content_type.empty() || valid_utf8(as_text(envelope.payload()));
    writer.text("datacontenttype", known ? type : "application/octet-stream");
    writer.data(envelope.payload(), type);
    append(to, "}");
}

}  // namespace junctor
