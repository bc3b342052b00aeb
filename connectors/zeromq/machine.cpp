#include "connectors/zeromq/machine.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "core/model/session_name.hpp"

namespace junctor::zeromq {
namespace {

SharedSlice slice(std::string_view text) noexcept { return {as_bytes(text), {}, {}}; }

Outgoing answer_to(bool delimited, Answer answer, std::string_view id, std::string_view topic) {
    Outgoing out;
    out.delimited = delimited;
    out.answer = answer;
    out.id = id;
    out.topic = topic;
    return out;
}

/// How a subscription begins that was to begin in a history.
std::string outcome_frame(const HistoryOutcome& outcome) {
    Fields fields;
    fields.resume = to_string(outcome.how);
    if (outcome.how != Resumption::none) {
        fields.epoch = outcome.after.epoch;
        fields.offset = outcome.after.offset;
    }
    std::string members;
    append_members(members, fields);
    return fields_frame(members);
}

}  // namespace

std::size_t Outgoing::footprint() const noexcept {
    return sizeof *this + id.size() + topic.size() + body.size() + headers.size() + (envelope ? envelope->footprint() : 0);
}

OutgoingFrames frames_of(const Outgoing& outgoing) noexcept {
    OutgoingFrames out;
    out.first = outgoing.delimited ? 0 : 1;
    out.frames[1] = slice(to_string(outgoing.answer));
    out.frames[2] = slice(outgoing.id);
    if (const EnvelopePtr& envelope = outgoing.envelope) {
        out.frames[3] = {as_bytes(envelope->topic_text()), envelope, {}};
        out.frames[4] = {envelope->payload(), envelope, {}};
    } else {
        out.frames[3] = slice(outgoing.topic);
        out.frames[4] = slice(outgoing.body);
    }
    out.frames[5] = slice(outgoing.headers);
    return out;
}

Action Machine::received(std::span<const Bytes> frames) {
    const auto [command, fault] = decode_command(frames);
    if (!fault.empty()) return error(command, Errc::bad_request, fault);
    if (overloaded()) return error(command, Errc::overloaded);
    switch (command.op) {
        case Op::publish: return publish(command, Kind::publish);
        case Op::send: return publish(command, Kind::send);
        case Op::reply: return publish(command, Kind::reply);
        case Op::request: return request(command);
        case Op::subscribe: return subscribe(command);
        case Op::unsubscribe: return unsubscribe(command);
        case Op::session: return session(command);
        case Op::ack: return acknowledge(command);
        case Op::end: return EndAction{answer_to(command.delimited, Answer::ack, as_text(command.id), {})};
        case Op::ping: break;
    }
    return answer_to(command.delimited, Answer::ack, as_text(command.id), {});
}

std::string_view Machine::read_fields(const Command& command, Fields& fields) const {
    if (const auto fault = decode_fields(command.headers, fields_limits(limits_), fields); !fault.empty()) return fault;
    const bool foreign = (about_sessions(fields) && command.op != Op::session) || (about_history(fields) && command.op != Op::subscribe);
    return foreign ? "the headers frame has a member that does not belong to this op" : "";
}

Action Machine::session(const Command& command) {
    Fields fields;
    if (open_) return error(command, Errc::bad_request, "session must be the first op");
    if (const auto fault = read_fields(command, fields); !fault.empty()) return error(command, Errc::bad_request, fault);
    if (!valid_session_name(command.topic)) return error(command, Errc::bad_request, "a session's name must be one topic level, without wildcards");
    const std::size_t window = fields.window == 0 ? limits_.in_flight : std::min<std::uint64_t>(fields.window, limits_.in_flight);
    return SessionAction{std::string(command.topic), {fields.expiry.value_or(default_expiry), fields.clean}, window, remember(command)};
}

Outgoing Machine::opened(Token token, bool resumed) {
    const Pending done = take(token);
    Outgoing out = answer_to(done.delimited, Answer::ack, done.id, done.topic);
    Fields fields;
    fields.resumed = resumed;
    std::string members;
    append_members(members, fields);
    out.headers = fields_frame(members);
    return out;
}

// Answered only where somebody waits for it: one for every message would be as much again.
Action Machine::acknowledge(const Command& command) const {
    const std::uint64_t sequence = count_in(command.topic);
    if (sequence == 0) return error(command, Errc::bad_request, "the third frame of ack is not a number from the seq of a message");
    return AcknowledgeAction{sequence, answer_to(command.delimited, Answer::ack, as_text(command.id), {}),
                             command.delimited || !command.id.empty()};
}

Action Machine::publish(const Command& command, Kind kind) {
    Fields fields;
    if (const auto fault = read_fields(command, fields); !fault.empty())
        return error(command, Errc::bad_request, fault);
    Result<Draft> draft = draft_of(tenant_, command.topic, command.body, std::move(fields), kind);
    if (!draft) return error(command, static_cast<Errc>(draft.error().value()));
    return PublishAction{std::move(*draft), remember(command)};
}

Action Machine::request(const Command& command) {
    Fields fields;
    if (const auto fault = read_fields(command, fields); !fault.empty())
        return error(command, Errc::bad_request, fault);
    const Duration timeout = std::min(fields.timeout.value_or(default_request_timeout), limits_.max_wait);
    Result<Draft> draft = draft_of(tenant_, command.topic, command.body, std::move(fields), Kind::request);
    if (!draft) return error(command, static_cast<Errc>(draft.error().value()));
    return RequestAction{std::move(*draft), timeout, remember(command)};
}

Action Machine::subscribe(const Command& command) {
    Fields fields;
    if (const auto fault = read_fields(command, fields); !fault.empty())
        return error(command, Errc::bad_request, fault);
    Result<TopicFilter> filter = TopicFilter::parse(tenant_, command.topic);
    if (!filter) return error(command, Errc::bad_filter);
    if (fields.epoch.has_value() != fields.offset.has_value() || (fields.offset && !fields.from.empty()))
        return error(command, Errc::bad_request, "a subscribe begins with from, or with epoch and offset as a message had them");
    subscriber_ = true;
    delimited_subscriber_ = command.delimited;
    SubscribeAction action;
    action.request.filter = std::move(*filter);
    action.request.options.max_qos = static_cast<Qos>(fields.qos.value_or(0));
    if (fields.offset) action.request.start = HistoryStart{HistoryStart::From::after, {*fields.epoch, *fields.offset}};
    if (!fields.from.empty()) action.request.start = HistoryStart{fields.from == "first" ? HistoryStart::From::first : HistoryStart::From::now, {}};
    shows_places_ = shows_places_ || action.request.start;
    action.token = remember(command);
    return action;
}

Action Machine::unsubscribe(const Command& command) {
    Result<TopicFilter> filter = TopicFilter::parse(tenant_, command.topic);
    if (!filter) return error(command, Errc::bad_filter);
    return UnsubscribeAction{std::move(*filter), remember(command)};
}

bool Machine::settled(Token token, const Receipt& receipt, Outgoing& out) {
    const Pending done = take(token);
    const Errc code = receipt.code == Errc::ok && !receipt.each.empty() ? receipt.each.front() : receipt.code;
    if (code == Errc::ok) {
        out = answer_to(done.delimited, Answer::ack, done.id, done.topic);
        if (!receipt.history.empty()) out.headers = outcome_frame(receipt.history.front());
        const bool loses = !receipt.history.empty() && receipt.history.front().how != Resumption::exact;
        return done.delimited || !done.id.empty() || loses;
    }
    out = answer_to(done.delimited, Answer::error, done.id, done.topic);
    out.body = to_string(code);
    out.headers = error_frame(out.body, reason_text(code, receipt.reason));
    return true;
}

bool Machine::answered(Token token, const EnvelopePtr& reply, std::string members, Outgoing& out) {
    const Pending done = take(token);
    out = answer_to(done.delimited, Answer::reply, done.id, {});
    out.envelope = reply;
    out.headers = fields_frame(members);
    return true;
}

Outgoing Machine::message(const EnvelopePtr& envelope, const OwnMembers& own, std::string_view members) const {
    const bool request = envelope->kind() == Kind::request;
    Outgoing out = answer_to(delimited_subscriber_, request ? Answer::request : Answer::message, {}, {});
    out.envelope = envelope;
    out.headers = fields_frame(members_with(own, members));
    return out;
}

Outgoing Machine::goodbye(CloseReason reason, std::string_view text) const {
    Outgoing out = answer_to(delimited_subscriber_, Answer::error, {}, {});
    out.body = to_string(reason);
    out.headers = error_frame(out.body, text.empty() ? "the session has ended" : text);
    return out;
}

Outgoing Machine::error(const Command& command, Errc code, std::string_view reason) const {
    Outgoing out = answer_to(command.delimited, Answer::error, as_text(command.id), {});
    // What is no topic may be longer than any: it is not sent back whole.
    out.topic = command.topic.substr(0, max_topic_bytes);
    out.body = to_string(code);
    out.headers = error_frame(out.body, reason_text(code, reason));
    return out;
}

Token Machine::remember(const Command& command) {
    Pending pending{command.delimited, std::string(as_text(command.id)), std::string(command.topic)};
    pending_bytes_ += pending.footprint();
    const Token token{++last_token_};
    pending_.emplace(token.value, std::move(pending));
    return token;
}

Machine::Pending Machine::take(Token token) {
    auto node = pending_.extract(token.value);
    assert(!node.empty());
    pending_bytes_ -= node.mapped().footprint();
    return std::move(node.mapped());
}

}  // namespace junctor::zeromq
