#include "connectors/rest/message_headers.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"

namespace junctor::rest {
namespace {

constexpr std::size_t answer_budget = 16 << 10;
constexpr std::string_view kept_in_names = "!#$&'()*+,/:;<>?@[]^`{|}\\\"";
constexpr std::string_view kept_in_values = "!#$&'()*+,/:;<=>?@[]^`{|}\\\"";
constexpr std::string_view cloud_event = "ce-";

bool starts_ignoring_case(std::string_view text, std::string_view start) noexcept {
    return equal_ignoring_case(text.substr(0, start.size()), start);
}

std::string lower_case(std::string_view text) {
    std::string lowered(text);
    std::ranges::transform(lowered, lowered.begin(), ascii_lower);
    return lowered;
}

std::optional<Header> message_header(std::string_view field) {
    const std::size_t equals = field.find('=');
    if (equals == 0 || equals == std::string_view::npos) return std::nullopt;
    auto name = percent_decode(field.substr(0, equals));
    auto value = percent_decode(field.substr(equals + 1));
    if (!name || !value) return std::nullopt;
    return Header{std::move(*name), std::move(*value)};
}

/// `ce-` and a CloudEvents attribute name, which has lower-case letters and digits only.
bool is_cloud_event(std::string_view name) noexcept {
    const auto attribute_character = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return name.starts_with(cloud_event) && name.size() > cloud_event.size() &&
           std::ranges::all_of(name.substr(cloud_event.size()), attribute_character);
}

bool plain(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; }) && !text.starts_with(' ') && !text.ends_with(' ');
}

Header http_header(const Header& header) {
    if (is_cloud_event(header.name)) return {header.name, percent_encode(header.value, kept_in_values)};
    return {"Junctor-Header", percent_encode(header.name, kept_in_names) + "=" + percent_encode(header.value, kept_in_values)};
}

}  // namespace

std::optional<std::vector<Header>> read_message_headers(const HttpRequest& request) {
    std::vector<Header> found;
    for (const Header& header : request.headers) {
        if (starts_ignoring_case(header.name, cloud_event)) {
            auto value = percent_decode(header.value);
            if (!value) return std::nullopt;
            found.push_back({lower_case(header.name), std::move(*value)});
        } else if (equal_ignoring_case(header.name, "Junctor-Header")) {
            auto read = message_header(header.value);
            if (!read) return std::nullopt;
            found.push_back(std::move(*read));
        }
    }
    return found;
}

void write_extras(const Extras& extras, std::vector<Header>& to) {
    if (plain(extras.content_type)) {
        if (!extras.content_type.empty()) to.push_back({"Content-Type", extras.content_type});
    } else {
        to.push_back({"Junctor-Content-Type", percent_encode(extras.content_type, kept_in_values)});
    }
    if (!extras.reply_to.empty()) to.push_back({"Junctor-Reply-To", percent_encode(extras.reply_to, kept_in_values)});
    if (!extras.correlation.empty()) to.push_back({"Junctor-Correlation", percent_encode(as_text(extras.correlation), kept_in_values)});
    if (!extras.trace.empty() && plain(extras.trace)) to.push_back({"traceparent", extras.trace});
    std::size_t used = 0;
    std::size_t omitted = 0;
    for (const Header& header : extras.headers) {
        Header written = http_header(header);
        const std::size_t size = written.name.size() + written.value.size();
        if (used + size > answer_budget) {
            ++omitted;
            continue;
        }
        used += size;
        to.push_back(std::move(written));
    }
    if (omitted > 0) to.push_back({"Junctor-Headers-Omitted", std::to_string(omitted)});
}

}  // namespace junctor::rest
