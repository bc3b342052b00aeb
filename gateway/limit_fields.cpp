#include "gateway/limit_fields.hpp"

#include <functional>
#include <limits>

#include "core/config/units.hpp"

namespace junctor {

namespace {

using config::Field;
using config::Section;
using config::Type;

struct LimitField {
    Field field;
    std::function<void(Limits&, const Section&)> read;
};

LimitField size(std::string name, std::size_t Limits::*member, std::string doc, std::int64_t min) {
    const std::string standard = config::size_text(static_cast<std::int64_t>(Limits{}.*member));
    Field field{.name = name, .type = Type::size, .doc = std::move(doc), .fallback = standard, .min = min, .max = 1LL << 40};
    return {std::move(field), [name, member](Limits& limits, const Section& section) { limits.*member = section.size(name); }};
}

template <class Number>
LimitField count(std::string name, Number Limits::*member, std::string doc, std::int64_t max = std::numeric_limits<Number>::max()) {
    Field field{
        .name = name, .type = Type::integer, .doc = std::move(doc), .fallback = std::to_string(Limits{}.*member), .min = 1, .max = max};
    return {std::move(field),
            [name, member](Limits& limits, const Section& section) { limits.*member = static_cast<Number>(section.integer(name)); }};
}

LimitField time(std::string name, Duration Limits::*member, std::string doc) {
    Field field{
        .name = name, .type = Type::duration, .doc = std::move(doc), .fallback = config::duration_text(Limits{}.*member), .min = 1'000'000};
    return {std::move(field), [name, member](Limits& limits, const Section& section) { limits.*member = section.duration(name); }};
}

LimitField offline_overflow() {
    Field field{.name = "offline_overflow",
                .type = Type::choice,
                .doc = "What goes when the queue of a durable session is full: its oldest message, or the one that comes.",
                .fallback = "drop_oldest",
                .choices = {"drop_oldest", "refuse_new"}};
    return {std::move(field), [](Limits& limits, const Section& section) {
                limits.offline_overflow = section.text("offline_overflow") == "drop_oldest" ? Overflow::drop_oldest : Overflow::refuse_new;
            }};
}

const std::vector<LimitField>& all() {
    static const std::vector<LimitField> fields{
        size("packet", &Limits::packet, "Largest packet, frame or request body.", 1'024),
        size("unauthenticated_packet", &Limits::unauthenticated_packet, "The same before the peer has authenticated.", 1'024),
        count("nesting", &Limits::nesting, "Deepest nesting of JSON.", 1'000),
        count("filters_per_packet", &Limits::filters_per_packet, "Most topic filters in one subscribe or unsubscribe."),
        count("subscriptions_per_session", &Limits::subscriptions_per_session, "Most subscriptions of one session."),
        size("outbound_queue", &Limits::outbound_queue, "Most bytes that wait for one slow consumer.", 65'536),
        size("retained", &Limits::retained, "Most bytes of all retained values together.", 1'024),
        size("offline_queue", &Limits::offline_queue, "Most bytes that wait for one durable session.", 1'024),
        count("offline_messages", &Limits::offline_messages, "Most messages that wait for one durable session."),
        offline_overflow(),
        size("stored", &Limits::stored, "Most bytes that wait for all durable sessions, each message counted once.", 65'536),
        size("history", &Limits::history, "Most bytes that the entries of `history` may ask for, all together.", 1'024),
        count("durable_sessions", &Limits::durable_sessions, "Most sessions that outlive their connection."),
        size("undecided", &Limits::undecided, "Most bytes that wait on one core for external authorizers.", 65'536),
        size("undecided_per_session", &Limits::undecided_per_session,
             "Most bytes of one session that wait behind its first operation that waits for an external authorizer.", 1'024),
        count("in_flight", &Limits::in_flight, "Most unacknowledged messages to one client."),
        count("headers", &Limits::headers, "Most headers of one message."),
        count("connections", &Limits::connections, "Most connections of the process. Some more are let in to hear that there is no room, in their protocol's words."),
        count("connections_per_second", &Limits::connections_per_second,
              "Most connections that the process accepts in a second, and at once after a silence; those above it wait in the system's queue, and where that has not been "
              "empty for 3s they are told that it is too fast."),
        count("unauthenticated_connections", &Limits::unauthenticated_connections,
              "Most connections per core that have not authenticated yet."),
        count("pending_requests_per_session", &Limits::pending_requests_per_session, "Most unanswered requests of one session."),
        time("handshake_timeout", &Limits::handshake_timeout, "Longest time until a connection has authenticated."),
        time("http_header_timeout", &Limits::http_header_timeout, "Longest time until the head of an HTTP request is there."),
        time("max_wait", &Limits::max_wait, "Longest long-poll and request timeout that a client may ask for."),
        time("drain_timeout", &Limits::drain_timeout, "How long a stop waits for clients to go."),
    };
    return fields;
}

}  // namespace

config::Schema limit_fields() {
    config::Schema schema;
    for (const LimitField& limit : all()) schema.push_back(limit.field);
    return schema;
}

Limits read_limits(const Section& section) {
    Limits limits;
    for (const LimitField& limit : all()) limit.read(limits, section);
    return limits;
}

}  // namespace junctor
