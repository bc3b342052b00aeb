#include "connectors/vertx/backend_mapping.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "connectors/vertx/body.hpp"
#include "core/base/utf8.hpp"
#include "core/model/hop_path.hpp"
#include "core/model/session_text.hpp"
#include "core/ports/http.hpp"

namespace junctor::vertx {
namespace {

constexpr std::string_view content_type_header = "content-type";
constexpr std::string_view correlation_header = "correlation-id";
constexpr std::string_view reply_to_header = "reply-to";
constexpr std::string_view trace_header = "traceparent";
constexpr std::string_view own_prefix = "junctor-";
constexpr std::string_view hops_header = "junctor-hops";
constexpr std::string_view origin_header = "junctor-origin";
constexpr std::string_view ttl_header = "junctor-ttl-ms";
constexpr std::string_view encoding_header = "junctor-encoding";
constexpr std::string_view base64_encoding = "base64";
/// An empty payload is no body, unless it is known to be text: receivers of Vert.x tell the one from the other.
constexpr std::string_view empty_string = "\"\"";
/// In front of a header whose own name would tell the bridge how to deliver.
constexpr std::string_view escaped_prefix = "junctor-header-";
constexpr std::array<std::string_view, 3> delivery_options{"timeout", "localOnly", "codecName"};

constexpr std::string_view reply_prefix = "$inbox/vertx:/";

/// Writes headers in the order in which they come; each name once.
class HeaderWriter {
public:
    explicit HeaderWriter(OnBus& on) : on_(on) {}

    void own(std::string_view name, std::string value) {
        if (value.empty() || !valid_utf8(value)) return;
        on_.kept.push_back(std::move(value));
        add(name, on_.kept.back());
    }
    void users(const Header& header) {
        if (!valid_utf8(header.name) || !valid_utf8(header.value)) return;
        if (std::ranges::find(delivery_options, header.name) != delivery_options.end()) {
            on_.kept.push_back(std::string(escaped_prefix) + header.name);
            return add(on_.kept.back(), header.value);
        }
        if (!header.name.starts_with(own_prefix)) add(header.name, header.value);
    }

private:
    void add(std::string_view name, std::string_view value) {
        const bool there = std::ranges::any_of(on_.frame.headers, [&](const HeaderView& each) { return each.name == name; });
        if (!there) on_.frame.headers.push_back({name, value});
    }

    OnBus& on_;
};

/// `implied`: the body itself says that it is JSON.
void write_headers(HeaderWriter& headers, const Extras& extras, bool implied) {
    if (!implied || extras.content_type != "application/json") headers.own(content_type_header, extras.content_type);
    if (valid_utf8(as_text(extras.correlation))) headers.own(correlation_header, std::string(as_text(extras.correlation)));
    if (!extras.reply_to.starts_with('$')) headers.own(reply_to_header, extras.reply_to);
    headers.own(trace_header, extras.trace);
    for (const Header& each : extras.headers) headers.users(each);
}

void read_ttl(std::string_view text, ArrivedMessage& out) {
    std::int64_t milliseconds = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), milliseconds);
    constexpr std::int64_t longest_ms = std::int64_t{1} << 42;
    if (read.ec == std::errc() && milliseconds >= 0 && milliseconds <= longest_ms) out.draft.ttl = std::chrono::milliseconds(milliseconds);
}

void read_header(const HeaderView& header, ArrivedMessage& out) {
    const auto [name, value] = header;
    if (name == content_type_header) {
        out.extras().content_type = value;
    } else if (name == correlation_header) {
        out.extras().correlation.assign(value.begin(), value.end());
    } else if (name == reply_to_header) {
        if (!value.starts_with('$')) out.extras().reply_to = value;
    } else if (name == trace_header) {
        out.extras().trace = value;
    } else if (name == hops_header) {
        if (is_hop_path(value)) out.extras().hops = value;
    } else if (name == origin_header) {
        out.origin = session_of(value);
    } else if (name == ttl_header) {
        read_ttl(value, out);
    } else if (name.starts_with(escaped_prefix)) {
        out.extras().headers.push_back({std::string(name.substr(escaped_prefix.size())), std::string(value)});
    } else if (!name.starts_with(own_prefix)) {
        out.extras().headers.push_back({std::string(name), std::string(value)});
    }
}

bool says_base64(const Frame& frame) noexcept {
    return std::ranges::any_of(frame.headers, [](const HeaderView& each) { return each.name == encoding_header && each.value == base64_encoding; });
}

}  // namespace

std::optional<OnBus> to_bus(const Envelope& envelope, TimePoint now, const std::string& gateway) {
    const Extras* const extras = envelope.extras();
    std::optional<std::string> hops = with_hop(extras ? std::string_view(extras->hops) : std::string_view(), gateway);
    if (!hops) return std::nullopt;
    std::optional<OnBus> on(std::in_place);
    on->kept.reserve(16 + (extras ? extras->headers.size() : 0));  // what is shown must not move
    HeaderWriter headers(*on);
    const bool nothing = envelope.payload().empty() && !(extras && extras->is_text);
    const BodyForm form = nothing ? BodyForm::text : append_body(on->body, envelope.payload(), extras ? std::string_view(extras->content_type) : std::string_view());
    if (form == BodyForm::base64) headers.own(encoding_header, std::string(base64_encoding));
    if (!gateway.empty()) headers.own(hops_header, std::move(*hops));
    if (!gateway.empty() && envelope.origin()) headers.own(origin_header, session_text(envelope.origin()));
    if (envelope.expires()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(std::max(envelope.expires_at() - now, Duration::zero()));
        headers.own(ttl_header, std::to_string(left.count()));
    }
    if (extras) write_headers(headers, *extras, form == BodyForm::json && structured(as_text(on->body)));
    on->frame.body = as_text(on->body);
    return on;
}

bool from_bus(const Frame& frame, const std::string& gateway, ArrivedMessage& out) {
    for (const HeaderView& each : frame.headers) read_header(each, out);
    const std::string_view content_type = out.draft.extras ? std::string_view(out.draft.extras->content_type) : std::string_view();
    if (!read_body(out.payload, frame.body, content_type, says_base64(frame))) return false;
    if (structured(frame.body) && content_type.empty()) out.extras().content_type = "application/json";
    if (frame.body == empty_string) out.extras().is_text = true;
    out.finish(gateway);
    return true;
}

std::string reply_topic(std::string_view reply_address) { return std::string(reply_prefix) + percent_encode(reply_address); }

std::optional<std::string> reply_address_of(std::string_view topic) {
    if (!topic.starts_with(reply_prefix)) return std::nullopt;
    return percent_decode(topic.substr(reply_prefix.size()));
}

Errc errc_of(std::string_view failure_type) noexcept {
    if (failure_type == "NO_HANDLERS") return Errc::no_receivers;
    if (failure_type == "TIMEOUT") return Errc::timed_out;
    return Errc::ok;  // the receiver itself says no: that is an answer
}

}  // namespace junctor::vertx
