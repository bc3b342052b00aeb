#include "connectors/websocket/codec_grammar.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace junctor::websocket {
namespace {

constexpr std::array<std::string_view, op_count> ops{"auth",    "hello", "session", "end",  "subscribe", "unsubscribe", "publish",   "send",
                                                     "request", "reply", "history", "ping", "pong",      "ack",         "challenge", "error",
                                                     "message"};

constexpr std::array<std::string_view, field_count> fields{
    "op",           "id",      "name",     "filter",      "topic",              "data",    "data_base64", "event", "qos", "retain", "ttl",
    "content_type", "headers", "reply_to", "correlation", "correlation_base64", "timeout", "expiry",      "window", "clean", "seq",
    "repeat",       "resumed", "code",     "reason",      "from",               "epoch",   "offset",      "limit", "resume", "last",
    "messages",     "token",   "user",     "password",    "method"};

constexpr Fields op = bit(Field::op);
constexpr Fields id = bit(Field::id);
constexpr Fields body = bit(Field::data) | bit(Field::data_base64) | bit(Field::event) | bit(Field::content_type) | bit(Field::headers) | bit(Field::correlation) |
                        bit(Field::correlation_base64) | bit(Field::qos) | bit(Field::ttl);
constexpr Fields position = bit(Field::epoch) | bit(Field::offset);
constexpr Fields published = body | bit(Field::reply_to) | bit(Field::retain);

constexpr Fields said = bit(Field::data) | bit(Field::data_base64);

constexpr Rule rules[] = {
    {Op::auth, Sender::client, op, id | said | bit(Field::token) | bit(Field::user) | bit(Field::password) | bit(Field::method)},
    {Op::hello, Sender::client, op | bit(Field::name), id},
    {Op::session, Sender::client, op | bit(Field::name), id | bit(Field::expiry) | bit(Field::window) | bit(Field::clean)},
    {Op::end, Sender::client, op, id},
    {Op::subscribe, Sender::client, op | bit(Field::filter), id | bit(Field::qos) | bit(Field::from) | position},
    {Op::unsubscribe, Sender::client, op | bit(Field::filter), id},
    {Op::publish, Sender::client, op | bit(Field::topic), id | published},
    {Op::send, Sender::client, op | bit(Field::topic), id | published},
    {Op::request, Sender::client, op | id | bit(Field::topic), published | bit(Field::timeout)},
    {Op::reply, Sender::client, op | bit(Field::reply_to), id | body},
    {Op::history, Sender::client, op | id | bit(Field::filter), bit(Field::from) | position | bit(Field::limit)},
    {Op::ping, Sender::client, op, id},
    {Op::ack, Sender::client, op | bit(Field::seq), 0},
    {Op::pong, Sender::gateway, op, id},
    {Op::ack, Sender::gateway, op | id, bit(Field::resumed) | bit(Field::resume) | position | said},
    {Op::challenge, Sender::gateway, op, id | said},
    {Op::error, Sender::gateway, op | bit(Field::code), id | bit(Field::reason)},
    {Op::message, Sender::gateway, op | bit(Field::topic), published | bit(Field::seq) | bit(Field::repeat) | position},
    {Op::history, Sender::gateway, op | id | bit(Field::resume), position | bit(Field::last) | bit(Field::messages)},
    {Op::reply, Sender::gateway, op | id, published},
};

}  // namespace

std::string_view to_string(Op what) noexcept { return ops[static_cast<std::size_t>(what)]; }
std::string_view to_string(Field field) noexcept { return fields[static_cast<std::size_t>(field)]; }

std::optional<Field> field_named(std::string_view name) noexcept {
    const auto found = std::find(fields.begin(), fields.end(), name);
    if (found == fields.end()) return std::nullopt;
    return static_cast<Field>(found - fields.begin());
}

const Rule* rule_for(std::string_view name, Sender sender) noexcept {
    const auto found = std::find_if(std::begin(rules), std::end(rules),
                                    [&](const Rule& rule) { return rule.sender == sender && to_string(rule.op) == name; });
    return found == std::end(rules) ? nullptr : found;
}

std::vector<std::string> op_names(Sender sender) {
    std::vector<std::string> names;
    for (const Rule& rule : rules)
        if (rule.sender == sender) names.emplace_back(to_string(rule.op));
    return names;
}

std::vector<std::string> field_names(const Rule& rule) {
    std::vector<std::string> names;
    for (std::size_t at = 0; at < field_count; ++at)
        if ((rule.required | rule.optional) & bit(static_cast<Field>(at))) names.emplace_back(fields[at]);
    return names;
}

}  // namespace junctor::websocket
