#include <algorithm>
#include <array>
#include <charconv>

#include "connectors/rest/mapping.hpp"
#include "connectors/rest/message_headers.hpp"
#include "core/base/ascii.hpp"
#include "core/base/duration_text.hpp"
#include "core/model/session_name.hpp"
#include "core/model/topic.hpp"

namespace junctor::rest {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 8> message_names{"qos",      "retain",      "ttl",    "send", "content_type",
                                                        "reply_to", "correlation", "timeout"};
constexpr std::array<std::string_view, 10> get_names{"qos",   "wait",   "format", "session", "expiry",
                                                      "clean", "window", "ack",    "from",    "epoch"};
constexpr std::array<std::string_view, 3> history_names{"from", "epoch", "limit"};

constexpr std::size_t usual_history_limit = 100;
constexpr std::size_t most_history_limit = 10'000;
constexpr std::size_t most_history_bytes = 1 << 20;

/// How long a durable session waits for its client that does not say.
constexpr Duration default_expiry = std::chrono::hours(1);
constexpr std::string_view header_prefix = "Junctor-";

/// What forms and `curl -d` send when nobody has chosen a type.
constexpr std::string_view unchosen_type = "application/x-www-form-urlencoded";

bool same_name(std::string_view header, std::string_view name) noexcept {
    const auto alike = [](char a, char b) { return ascii_lower(a) == (b == '_' ? '-' : b); };
    return header.size() == name.size() && std::equal(header.begin(), header.end(), name.begin(), alike);
}

/// Reads options of one request, each from the query or else from its header, and remembers the first thing that is wrong.
class OptionReader {
public:
    OptionReader(const HttpRequest& request, Names names) : request_(request) {
        check_parameters(names);
        check_headers(names);
    }

    std::optional<std::string> text(std::string_view name) {
        if (request_.query.find(name) != std::string::npos)
            if (auto value = request_.parameter(name)) return value;
        for (const Header& header : request_.headers) {
            if (!is_option(header.name) || !same_name(std::string_view(header.name).substr(header_prefix.size()), name)) continue;
            auto value = percent_decode(header.value);
            if (!value) reject(name, "has a broken percent escape");
            return value;
        }
        return std::nullopt;
    }

    void flag(std::string_view name, bool& into) {
        const auto value = text(name);
        if (!value) return;
        into = value->empty() || *value == "1" || *value == "true";
        if (!into && *value != "0" && *value != "false") reject(name, "must be 1 or 0");
    }

    void qos(Qos& into) {
        const auto value = text("qos");
        if (!value) return;
        if (value->size() != 1 || value->front() < '0' || value->front() > '2') return reject("qos", "must be 0, 1 or 2");
        into = static_cast<Qos>(value->front() - '0');
    }

    void count(std::string_view name, std::size_t& into, std::size_t most) {
        const auto value = text(name);
        if (!value) return;
        std::size_t number = 0;
        const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
        if (error != std::errc() || end != value->data() + value->size() || number == 0) return reject(name, "must be a whole number above 0");
        into = std::min(number, most);
    }

    /// `from=first`, `from=now`, `from=<epoch>-<offset>`, or `from=<offset>` with `epoch=<epoch>`.
    void history(std::optional<HistoryStart>& into) {
        const auto from = text("from");
        const auto epoch = text("epoch");
        if (epoch && !from) reject("epoch", "needs from, the offset of the last message seen");
        if (!from) return;
        if (*from == "first" || *from == "now") {
            into = HistoryStart{*from == "first" ? HistoryStart::From::first : HistoryStart::From::now, {}};
            return;
        }
        const auto position = parse_history_position(epoch ? *epoch + '-' + *from : *from);
        if (!position) return reject("from", "must be first, now, or a position: its offset, with epoch=<epoch>, or <epoch>-<offset>");
        into = HistoryStart{HistoryStart::From::after, *position};
    }

    void duration(std::string_view name, std::optional<Duration>& into, Duration most = max_duration) {
        const auto value = text(name);
        if (!value) return;
        into = parse_duration(*value);
        if (!into) return reject(name, "must be a duration like 500ms, 30s or 5m");
        into = std::min(*into, most);
    }

    void reject(std::string_view name, std::string_view trouble) {
        if (!rejection_) rejection_ = Rejection{Errc::bad_request, std::string(name) + " " + std::string(trouble)};
    }
    std::optional<Rejection> rejection() { return std::move(rejection_); }

private:
    static bool is_option(std::string_view header) noexcept {
        return header.size() > header_prefix.size() && equal_ignoring_case(header.substr(0, header_prefix.size()), header_prefix);
    }

    void check_parameters(Names names) {
        std::string_view rest = request_.query;
        while (!rest.empty()) {
            const std::string_view pair = rest.substr(0, rest.find('&'));
            rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
            const std::string_view name = pair.substr(0, pair.find('='));
            if (!pair.empty() && std::ranges::find(names, name) == names.end()) refuse_unknown("query parameters", names);
        }
    }

    void check_headers(Names names) {
        for (const Header& header : request_.headers) {
            if (!is_option(header.name)) continue;
            const std::string_view name = std::string_view(header.name).substr(header_prefix.size());
            const bool known = same_name(name, "header") || std::ranges::any_of(names, [&](auto one) { return same_name(name, one); });
            if (!known) refuse_unknown("Junctor- headers", names);
        }
    }

    void refuse_unknown(std::string_view what, Names names) {
        std::string known;
        for (const std::string_view name : names) known += (known.empty() ? "" : ", ") + std::string(name);
        reject("unknown option:", "the " + std::string(what) + " here are " + known);
    }

    const HttpRequest& request_;
    std::optional<Rejection> rejection_;
};

void read_content_type(const HttpRequest& request, OptionReader& reader, Extras& extras) {
    const std::string_view sent = request.header("Content-Type");
    if (!equal_ignoring_case(sent, unchosen_type)) extras.content_type = sent;
    if (auto chosen = reader.text("content_type")) extras.content_type = std::move(*chosen);
}

void read_extras(const HttpRequest& request, OptionReader& reader, const Limits& limits, Extras& extras) {
    read_content_type(request, reader, extras);
    if (auto reply_to = reader.text("reply_to")) extras.reply_to = std::move(*reply_to);
    if (!extras.reply_to.empty() && !Topic::parse({}, extras.reply_to)) reader.reject("reply_to", "is not a topic name");
    if (const auto correlation = reader.text("correlation")) append(extras.correlation, std::string_view(*correlation));
    extras.trace = request.header("traceparent");
    auto headers = read_message_headers(request);
    if (!headers) return reader.reject("Junctor-Header", "must be <name>=<value> with whole percent escapes");
    if (headers->size() > limits.headers) return reader.reject("Junctor-Header", "occurs too often");
    extras.headers = std::move(*headers);
}

void read_session(const HttpRequest& request, OptionReader& reader, const Limits& limits, SessionAsked& into) {
    if (!valid_session_name(into.name)) reader.reject("session", "must be one topic level, without wildcards");
    std::optional<Duration> expiry;
    reader.duration("expiry", expiry);
    into.terms.expiry = expiry.value_or(default_expiry);
    if (!into.terms.durable()) reader.reject("expiry", "must be above 0");
    into.terms.clean_start = false;
    reader.flag("clean", into.terms.clean_start);
    into.window = limits.in_flight;
    reader.count("window", into.window, limits.in_flight);
    const std::string seen = reader.text("ack").value_or(std::string(request.header("Last-Event-ID")));
    if (seen.empty()) return;
    into.seen = event_id_in(seen);
    if (!into.seen) reader.reject("ack", "must be the id of an event");
    // Whoever comes back repeats the URL it began with.
    into.terms.clean_start = false;
}

}  // namespace

std::optional<Rejection> read_message_options(const HttpRequest& request, const Limits& limits, MessageOptions& into) {
    OptionReader reader(request, message_names);
    reader.qos(into.qos);
    reader.flag("retain", into.retain);
    reader.flag("send", into.send);
    reader.duration("ttl", into.ttl);
    reader.duration("timeout", into.timeout, limits.max_wait);
    auto extras = std::make_unique<Extras>();
    read_extras(request, reader, limits, *extras);
    if (!extras->empty()) into.extras = std::move(extras);
    if (into.retain && into.send) reader.reject("retain", "and send exclude each other");
    return reader.rejection();
}

std::optional<Rejection> read_history_options(const HttpRequest& request, HistoryQuestion& into) {
    OptionReader reader(request, history_names);
    std::optional<HistoryStart> start;
    reader.history(start);
    into.start = start.value_or(HistoryStart());
    into.most_messages = usual_history_limit;
    into.most_bytes = most_history_bytes;
    reader.count("limit", into.most_messages, most_history_limit);
    return reader.rejection();
}

std::optional<Rejection> read_get_options(const HttpRequest& request, const Limits& limits, ReadOptions& into) {
    OptionReader reader(request, get_names);
    if (auto name = reader.text("session")) {
        into.session.emplace().name = std::move(*name);
        into.qos = Qos::at_least_once;
        read_session(request, reader, limits, *into.session);
    }
    reader.qos(into.qos);
    reader.duration("wait", into.wait, limits.max_wait);
    into.events = request.header("Accept").find("text/event-stream") != std::string_view::npos;
    if (const auto format = reader.text("format"); format && *format != "message" && *format != "cloudevents")
        reader.reject("format", "must be message or cloudevents");
    if (into.session && !into.events && !into.wait) reader.reject("session", "needs wait, or Accept: text/event-stream");
    reader.history(into.start);
    if (into.start && (!into.events || into.session)) reader.reject("from", "goes with Accept: text/event-stream, without a session; else ask /history/");
    // Whoever comes back repeats its URL, and says where it was.
    if (const std::string_view seen = request.header("Last-Event-ID"); into.events && !into.session && !seen.empty())
        into.start = HistoryStart{HistoryStart::From::after, parse_history_position(seen).value_or(HistoryPosition())};
    if (into.events && into.wait) reader.reject("wait", "and text/event-stream exclude each other");
    return reader.rejection();
}

}  // namespace junctor::rest
