#include "connectors/websocket/machine.hpp"

#include <algorithm>
#include <utility>

#include "connectors/websocket/mapping.hpp"

namespace junctor::websocket {
namespace {

Machine::Step::What what_of(Op op) noexcept {
    using What = Machine::Step::What;
    switch (op) {
        case Op::auth: return What::authenticate;
        case Op::hello:
        case Op::session: return What::name_session;
        case Op::end: return What::end_session;
        case Op::ack: return What::acknowledge;
        case Op::subscribe: return What::subscribe;
        case Op::unsubscribe: return What::unsubscribe;
        case Op::history: return What::history;
        case Op::publish:
        case Op::send:
        case Op::reply: return What::publish;
        case Op::request: return What::request;
        default: return What::nothing;
    }
}

void append_answer(ByteBuffer& to, Op op, std::string_view id) {
    Operation answer;
    answer.op = op;
    answer.id = id;
    append_operation(to, answer);
}

}  // namespace

void append_error(ByteBuffer& to, std::string_view id, std::string_view code, std::string_view reason) {
    Operation answer;
    answer.op = Op::error;
    answer.id = id;
    answer.code = code;
    answer.reason = reason;
    append_operation(to, answer);
}

Machine::Step Machine::frame(std::string_view text, OperationDecoder& decoder, ByteBuffer& answer) noexcept {
    Operation operation;
    fault_.reset();
    if (const std::optional<Fault> fault = decoder.decode(text, operation)) {
        fault_ = fault->kind;
        append_error(answer, fault->id, to_string(errc_of(fault->kind)), sentence_of(*fault));
        return {};
    }
    const Step::What what = what_of(operation.op);
    // Who somebody is comes before anything else.
    const bool first = !started_;
    started_ = started_ || what != Step::What::authenticate;
    if (what == Step::What::name_session && !first) {
        append_error(answer, operation.id, to_string(Errc::bad_request), '`' + std::string(to_string(operation.op)) + "` must be the first frame");
        return {};
    }
    if (operation.op == Op::ping) append_answer(answer, Op::pong, operation.id);
    // An acknowledgement has no end of its own to wait for.
    if (what == Step::What::acknowledge) return {what, {}, operation};
    return what == Step::What::nothing ? Step{} : begin(what, operation);
}

Machine::Step Machine::begin(Step::What what, const Operation& operation) noexcept {
    current_open_ = true;
    current_request_ = what == Step::What::request;
    current_id_ = operation.id;
    return {what, Token{++last_token_}, operation};
}

void Machine::done() noexcept {
    if (!std::exchange(current_open_, false)) return;
    if (!pending_) pending_ = std::make_unique<std::vector<Pending>>();
    pending_->push_back({Token{last_token_}, std::string(current_id_), current_request_});
    if (!current_request_) ++waiting_;
}

bool Machine::take(Token token, std::string& id) noexcept {
    if (current_open_ && token.value == last_token_) {
        current_open_ = false;
        id = current_id_;
        return true;
    }
    if (!pending_) return false;
    const auto found = std::find_if(pending_->begin(), pending_->end(), [&](const Pending& one) { return one.token == token; });
    if (found == pending_->end()) return false;
    id = std::move(found->id);
    if (!found->request) --waiting_;
    pending_->erase(found);
    return true;
}

void Machine::settled(Token token, Errc code, std::string_view reason, ByteBuffer& answer) noexcept {
    std::string id;
    if (!take(token, id)) return;
    if (code != Errc::ok) return append_error(answer, id, to_string(code), reason.empty() ? make_error_code(code).message() : reason);
    if (!id.empty()) append_answer(answer, Op::ack, id);
}

void Machine::challenged(Token token, Bytes data, ByteBuffer& answer) noexcept {
    Operation challenge;
    std::string id;
    if (!take(token, id)) return;
    challenge.op = Op::challenge;
    challenge.id = id;
    challenge.message.data = data;
    append_operation(answer, challenge);
}

void Machine::authenticated(Token token, Bytes data, ByteBuffer& answer) noexcept {
    Operation ack;
    std::string id;
    if (!take(token, id) || id.empty()) return;
    ack.op = Op::ack;
    ack.id = id;
    ack.message.data = data;
    append_operation(answer, ack);
}

void Machine::opened(Token token, bool resumed, ByteBuffer& answer) noexcept {
    Operation ack;
    std::string id;
    if (!take(token, id) || id.empty()) return;
    ack.op = Op::ack;
    ack.id = id;
    ack.resumed = resumed;
    append_operation(answer, ack);
}

void Machine::subscribed(Token token, const HistoryOutcome& outcome, ByteBuffer& answer) noexcept {
    Operation ack;
    std::string id;
    if (!take(token, id) || id.empty()) return;
    ack.op = Op::ack;
    ack.id = id;
    ack.resume = to_string(outcome.how);
    if (outcome.how != Resumption::none) ack.position = outcome.after;
    append_operation(answer, ack);
}

void Machine::history_read(Token token, const HistoryPage& page, TimePoint now, ByteBuffer& answer) noexcept {
    Operation read;
    std::string id;
    if (!take(token, id)) return;
    if (page.code != Errc::ok) return append_error(answer, id, to_string(page.code), page.reason.empty() ? make_error_code(page.code).message() : page.reason);
    read.op = Op::history;
    read.id = id;
    read.resume = to_string(page.outcome.how);
    ByteBuffer messages;
    if (page.outcome.how != Resumption::none) {
        read.position = page.next;
        read.last = page.last.offset;
        append_messages(messages, page, now);
        read.messages = as_text(messages);
    }
    append_operation(answer, read);
}

void Machine::answered(Token token, const Message& message, ByteBuffer& answer) noexcept {
    Operation reply;
    std::string id;
    if (!take(token, id)) return;
    reply.op = Op::reply;
    reply.id = id;
    reply.message = message;
    append_operation(answer, reply);
}

}  // namespace junctor::websocket
