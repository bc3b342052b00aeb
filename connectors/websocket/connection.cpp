#include "connectors/websocket/connection.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "connectors/websocket/mapping.hpp"
#include "core/model/session_name.hpp"
#include "core/model/turned_away.hpp"
#include "core/observe/metrics.hpp"
#include "core/runtime/core.hpp"

namespace junctor::websocket {
namespace {

Counter bad_input(std::string_view reason) {
    return counter("junctor_bad_input_total", "Input that broke its protocol, by protocol and reason",
                   {{"protocol", "websocket"}, {"reason", std::string(reason)}});
}

Counter bad_frames(FaultKind kind) {
    static const std::array counters = [] {
        std::array<Counter, fault_kind_count> made;
        for (std::size_t at = 0; at < made.size(); ++at) made[at] = bad_input(to_string(static_cast<FaultKind>(at)));
        return made;
    }();
    return counters[static_cast<std::size_t>(kind)];
}

/// A frame in order that asks for something impossible.
Counter bad_requests(Errc code) {
    static const Counter topics = bad_input("bad_topic"), filters = bad_input("bad_filter"), others = bad_input("bad_request");
    return code == Errc::bad_topic ? topics : code == Errc::bad_filter ? filters : others;
}

std::uint16_t family() noexcept {
    static const std::uint16_t number = new_wire_family();
    return number;
}

/// Room for the fields' names and for what is escaped in a usual text.
constexpr std::size_t usual_overhead = 128;

/// The bits of a variant: messages are CloudEvents; they show where in a history they are.
constexpr std::uint16_t as_events = 1;
constexpr std::uint16_t with_places = 2;

/// About what one answer out of a history may hold.
constexpr std::size_t most_history_bytes = 1 << 20;

/// How long a request waits that does not say.
constexpr Duration usual_timeout = std::chrono::seconds(30);

/// How long a durable session waits for its client that does not say.
constexpr Duration usual_expiry = std::chrono::hours(1);

}  // namespace

Connection::~Connection() { assert(phase_ != Phase::open); }

Gate& Connection::gate() const noexcept { return stream_.core().gate(); }

void Connection::timed_out() noexcept {
    if (phase_ == Phase::refused) {
        const std::string refusal = std::move(admission_->refusal);  // the admission ends with the close
        return close(admission_->refused_as, refusal);
    }
    if (phase_ == Phase::authenticating) return close(CloseReason::handshake_timeout, "authentication took too long");
    if (phase_ == Phase::waiting) return close(CloseReason::not_authenticated, "no `auth` came in time");
    if (input_ended_) return close(CloseReason::idle_timeout, "the answers took too long");
    if (phase_ != Phase::closed) watch_peer();
}

/// Who is not read from may be as alive as can be.
void Connection::watch_peer() noexcept {
    const Duration silence = paused_ || held_ ? Duration::zero() : stream_.core().now() - stream_.last_received();
    if (silence < ping_interval()) {
        pinged_ = false;
        return stream_.set_deadline(ping_interval() - silence);
    }
    if (pinged_) return close(CloseReason::idle_timeout, "no sign of life");
    pinged_ = true;
    stream_.ping();
    stream_.set_deadline(ping_interval());
}

bool Connection::input_ended() noexcept {
    if (phase_ != Phase::open || machine_.waiting() == 0) return false;
    input_ended_ = true;
    stream_.set_deadline(stream_.core().limits().max_wait);
    return true;
}

void Connection::close_if_answered() noexcept {
    if (input_ended_ && machine_.waiting() == 0) close(CloseReason::normal, {});
}

std::size_t Connection::receive_limit() const noexcept {
    const Limits& limits = stream_.core().limits();
    return phase_ < Phase::admitted ? limits.unauthenticated_packet : limits.packet;
}

std::size_t Connection::received(Bytes bytes) noexcept {
    if (phase_ == Phase::closed || phase_ == Phase::refused) return bytes.size();
    if (phase_ == Phase::authenticating || phase_ == Phase::moving || (phase_ == Phase::admitted && !known_to_open())) return 0;
    const Limits& limits = stream_.core().limits();
    OperationDecoder decoder(Sender::client, {.nesting = limits.nesting, .headers = limits.headers, .bytes = limits.packet});
    ByteBuffer answer;
    const Machine::Step step = machine_.frame(as_text(bytes), decoder, answer);
    if (phase_ == Phase::waiting && step.what != Machine::Step::What::authenticate) {
        const std::string refusal = std::move(admission_->refusal);  // the admission ends with the close
        close(CloseReason::not_authenticated, refusal);
        return bytes.size();
    }
    if (machine_.fault()) stream_.core().metrics().add(bad_frames(*machine_.fault()));
    if (!answer.empty()) send(std::move(answer));
    perform(step);
    machine_.done();
    if (phase_ == Phase::open || phase_ == Phase::admitted) pause_if_full();
    return bytes.size();
}

void Connection::perform(const Machine::Step& step) noexcept {
    using What = Machine::Step::What;
    if (step.what == What::nothing) return;
    if (step.what == What::authenticate) return authenticate(step);
    if (step.what == What::name_session) return name_session(step);
    if (phase_ == Phase::admitted && !open()) return;
    switch (step.what) {
        case What::publish:
        case What::request: return publish(step);
        case What::subscribe: return subscribe(step);
        case What::unsubscribe: return unsubscribe(step);
        case What::history: return read_history(step);
        case What::end_session: return end_session(step);
        case What::acknowledge: return acknowledge(step.operation.message.sequence);
        default: return;
    }
}

void Connection::revoked(const TopicFilter& filter, std::string_view reason) noexcept {
    ByteBuffer frame;
    append_error(frame, {}, to_string(Errc::denied), "the subscription to '" + filter.canonical() + "' has ended: " + std::string(reason));
    send(std::move(frame));
}

void Connection::fail(const Machine::Step& step, Errc code, std::string_view reason) noexcept {
    stream_.core().metrics().add(bad_requests(code));
    Receipt receipt;
    receipt.code = code;
    receipt.reason = reason;
    settled(step.token, receipt);
}

void Connection::name_session(const Machine::Step& step) noexcept {
    const std::string_view name = step.operation.name;
    if (!valid_session_name(name)) return fail(step, Errc::bad_request, "`name` must be one topic level, without wildcards");
    name_ = std::make_unique<std::string>(name);
    if (step.operation.op == Op::session) {
        durable_ = std::make_unique<Durable>();
        durable_->terms = {step.operation.expiry.value_or(usual_expiry), step.operation.clean};
        const std::size_t most = stream_.core().limits().in_flight;
        durable_->window = step.operation.window == 0 ? most : std::min<std::size_t>(step.operation.window, most);
    }
    naming_ = step.token;
    phase_ = Phase::moving;
    machine_.done();
    stream_.move_to(stream_.core().home_of(principal()->tenant, name));
}

void Connection::arrived() noexcept {
    if (phase_ != Phase::moving) return;
    admission_ = std::make_unique<Admission>();
    auto verdict = gate().when_known(*this, Verb::connect, {}, [this] { enter(); });
    if (!verdict) return;
    admission_->verdict = std::move(verdict);
    stream_.pause_reading();
}

void Connection::enter() noexcept {
    if (admission_->verdict) stream_.resume_reading();
    if (!open()) return;
    if (!durable_) return settled(naming_, Receipt{});
    ByteBuffer answer;
    machine_.opened(naming_, resumed_, answer);
    if (!answer.empty()) send(std::move(answer));
    gate().ready(*this);
}

/// Is it known whether it may come in? If not that is asked, and nothing is read until then.
bool Connection::known_to_open() noexcept {
    if (!admission_ || !admission_->asked) {
        admission_ = std::make_unique<Admission>();
        admission_->asked = true;
        auto verdict = gate().when_known(*this, Verb::connect, {}, [this] {
            admission_->known = true;
            if (admission_->verdict) stream_.resume_reading();
        });
        if (verdict) {
            admission_->verdict = std::move(verdict);
            stream_.pause_reading();
        }
    }
    return admission_->known;
}

bool Connection::open() noexcept {
    const std::unique_ptr<Admission> admission = std::move(admission_);  // until the gate has decided
    const SessionTerms until_it_ends{.spares_kept = true};
    const Result<Opened> opened = gate().open(*this, durable_ ? durable_->terms : until_it_ends);
    if (opened) {
        phase_ = Phase::open;
        resumed_ = opened->resumed;
        return true;
    }
    const bool kept = opened.error() == Errc::name_kept;
    close(turned_away_as(opened.error()), opened.error().message() + (kept ? ": `session` opens it" : ""));
    return false;
}

void Connection::hold(bool waits) noexcept {
    held_ = waits;
    waits ? stream_.pause_reading() : stream_.resume_reading();
}

void Connection::charge(Ref<QueueShare> share) noexcept {
    stream_.charge(share);
    Session::charge(std::move(share));
}

void Connection::end_session(const Machine::Step& step) noexcept {
    gate().change_expiry(*this, Duration::zero());
    settled(step.token, Receipt{});
}

void Connection::acknowledge(std::uint64_t sequence) noexcept {
    if (!durable_) return;
    Ring<std::uint64_t>& waiting = durable_->unacknowledged;
    if (waiting.empty() || sequence < waiting.front()) return;
    while (!waiting.empty() && waiting.front() <= sequence) waiting.pop_front();
    gate().acknowledge(*this, sequence, Progress::done_up_to);
}

void Connection::publish(const Machine::Step& step) noexcept {
    if (!step.operation.message.event.empty()) return publish_event(step);
    publish(step, draft_of(step.operation, principal()->tenant));
}

void Connection::publish_event(const Machine::Step& step) noexcept {
    const Limits& limits = stream_.core().limits();
    const JsonLimits json{.nesting = limits.nesting, .bytes = limits.packet, .values = limits.packet};
    CloudEvent event;
    const std::string wrong = read_cloud_event(step.operation.message.event, json, limits.headers, event);
    if (!wrong.empty()) return fail(step, Errc::bad_request, wrong);
    publish(step, draft_of(step.operation, principal()->tenant, event));
}

void Connection::publish(const Machine::Step& step, Result<Draft>&& draft) noexcept {
    if (!draft) return fail(step, Errc::bad_topic);
    if (step.what == Machine::Step::What::publish) return gate().publish(*this, std::move(*draft), step.token);
    const Duration longest = stream_.core().limits().max_wait;
    const Duration timeout = step.operation.timeout.value_or(std::min(usual_timeout, longest));
    if (timeout > longest) return fail(step, Errc::bad_request, "`timeout` is above the longest wait of this gateway");
    gate().request(*this, std::move(*draft), timeout, step.token);
}

void Connection::subscribe(const Machine::Step& step) noexcept {
    Result<TopicFilter> filter = TopicFilter::parse(principal()->tenant, step.operation.filter);
    if (!filter) return fail(step, Errc::bad_filter);
    SubscribeRequest request{std::move(*filter), {}};
    request.options.max_qos = static_cast<Qos>(step.operation.message.qos);
    request.start = start_of(step.operation);
    shows_places_ = shows_places_ || request.start;
    gate().subscribe(*this, {&request, 1}, step.token);
}

void Connection::unsubscribe(const Machine::Step& step) noexcept {
    const Result<TopicFilter> filter = TopicFilter::parse(principal()->tenant, step.operation.filter);
    if (!filter) return fail(step, Errc::bad_filter);
    gate().unsubscribe(*this, {&*filter, 1}, step.token);
}

void Connection::read_history(const Machine::Step& step) noexcept {
    Result<TopicFilter> filter = TopicFilter::parse(principal()->tenant, step.operation.filter);
    if (!filter) return fail(step, Errc::bad_filter);
    constexpr std::uint32_t usual_limit = 100;
    const std::size_t most = step.operation.limit == 0 ? usual_limit : step.operation.limit;
    gate().history(*this, {std::move(*filter), *start_of(step.operation), most, most_history_bytes}, step.token);
}

void Connection::history_read(Token token, const HistoryPage& page) noexcept {
    ByteBuffer answer;
    machine_.history_read(token, page, stream_.core().now(), answer);
    if (!answer.empty()) send(std::move(answer));
    resume_if_drained();
    close_if_answered();
}

void Connection::settled(Token token, const Receipt& receipt) noexcept {
    const bool by_filter = receipt.code == Errc::ok && !receipt.each.empty();
    ByteBuffer answer;
    if (by_filter && !receipt.history.empty() && receipt.each.front() == Errc::ok)
        machine_.subscribed(token, receipt.history.front(), answer);
    else
        machine_.settled(token, by_filter ? receipt.each.front() : receipt.code, receipt.reason, answer);
    if (!answer.empty()) send(std::move(answer));
    resume_if_drained();
    close_if_answered();
}

void Connection::answered(Token token, const EnvelopePtr& reply) noexcept {
    ByteBuffer answer, event;
    answer.reserve(reply->payload().size() + usual_overhead);
    Message message = shown(*reply, event);
    message.topic = {};  // it was ours, and says nothing to the requester
    machine_.answered(token, message, answer);
    if (!answer.empty()) send(std::move(answer));
    close_if_answered();
}

WireVariant Connection::variant(const SubscribeOptions&) const noexcept {
    return {family(), static_cast<std::uint16_t>((cloud_events_ ? as_events : 0) | (shows_places_ ? with_places : 0))};
}

Message Connection::shown(const Envelope& envelope, ByteBuffer& event) const noexcept {
    const Core& core = stream_.core();
    return cloud_events_ ? event_of(envelope, core.now(), core.wall(), event) : message_of(envelope, core.now());
}

void Connection::encode(const Envelope& envelope, WireVariant variant, Template& out) const noexcept {
    ByteBuffer tail, event;
    tail.reserve(envelope.topic_text().size() + envelope.payload().size() + usual_overhead);
    Message message = shown(envelope, event);
    if ((variant.bits & with_places) != 0) message.place = envelope.history();
    append_message_tail(tail, message);
    if (tail.size() <= Template::copy_limit) {
        out.append_prefix(tail);
    } else {
        out.set_block(Ref<const SharedBytes>(new SharedBytes(std::move(tail))));
    }
}

DeliverResult Connection::deliver(const Delivery& delivery) noexcept {
    if (phase_ != Phase::open) return DeliverResult::refused;
    if (delivery.sequence != 0) {
        send_numbered(delivery);
        return DeliverResult::queued;
    }
    if (outbox_.empty() && stream_.wants_more()) {
        send_message(delivery.qos, delivery.retain, delivery.encoded);
        return DeliverResult::queued;
    }
    Core& core = stream_.core();
    const DeliverResult result = outbox_.push(delivery, core.limits().outbound_queue, core.metrics(), shows_places_, share());
    if (result == DeliverResult::refused) close(CloseReason::slow_consumer, "messages were not read fast enough");
    return result;
}

bool Connection::accepts(Qos) const noexcept {
    const bool open_window = !durable_ || durable_->unacknowledged.size() < durable_->window;
    const bool takes = phase_ == Phase::open && open_window && outbox_.empty() && stream_.wants_more();
    turned_down_ = turned_down_ || !takes;
    return takes;
}

void Connection::send_numbered(const Delivery& delivery) noexcept {
    // Another protocol had it acknowledged half way; here there is no second half.
    if (delivery.repeat == Repeat::release) return gate().acknowledge(*this, delivery.sequence, Progress::done);
    durable_->unacknowledged.push_back(delivery.sequence);
    ByteBuffer head;
    append(head, message_head(static_cast<std::uint8_t>(delivery.qos), delivery.retain));
    append_sequence(head, delivery.sequence, delivery.repeat == Repeat::maybe);
    stream_.send(head, delivery.encoded.prefix(), delivery.encoded.body());
}

void Connection::send_message(Qos qos, bool retain, const Template& encoded) noexcept {
    stream_.send(as_bytes(message_head(static_cast<std::uint8_t>(qos), retain)), encoded.prefix(), encoded.body());
}

void Connection::writable() noexcept {
    empty_outbox(false);
    resume_if_drained();
    if ((!durable_ && !turned_down_) || phase_ != Phase::open || !outbox_.empty()) return;
    turned_down_ = false;
    gate().ready(*this);
}

void Connection::empty_outbox(bool whole) noexcept {
    Core& core = stream_.core();
    outbox_.pump(core.now(), core.metrics(), [&](const Outbox::Item& item) {
        if (!whole && !stream_.wants_more()) return false;
        Template encoded;
        encode(*item.envelope, variant({}), encoded);
        send_message(item.qos, item.retain, encoded);
        return true;
    });
}

void Connection::send(ByteBuffer&& frame) noexcept {
    if (frame.size() <= Template::copy_limit) return stream_.send(frame);
    SharedSlice slice;
    slice.block = Ref<const SharedBytes>(new SharedBytes(std::move(frame)));
    slice.bytes = slice.block->view();
    stream_.send({}, {}, slice);
}

/// Who does not read what we answer, or asks faster than the backend answers, waits.
void Connection::pause_if_full() noexcept {
    if (paused_ || phase_ == Phase::closed) return;
    if (stream_.wants_more() && machine_.waiting() < stream_.core().limits().in_flight) return;
    paused_ = true;
    stream_.pause_reading();
}

void Connection::resume_if_drained() noexcept {
    if (!paused_ || !stream_.wants_more() || machine_.waiting() >= stream_.core().limits().in_flight) return;
    paused_ = false;
    stream_.resume_reading();
}

void Connection::close(CloseReason reason, std::string_view text) noexcept {
    if (phase_ == Phase::closed) return;
    if (told_before_close(reason)) {
        ByteBuffer frame;
        append_error(frame, {}, to_string(reason), text);
        stream_.send(frame);
    }
    leave(reason);
    stream_.close(reason, text);
}

void Connection::drain() noexcept {
    empty_outbox(true);
    close(CloseReason::server_shutdown, "the gateway is shutting down");
}

void Connection::closed(CloseReason reason) noexcept { leave(reason); }

void Connection::leave(CloseReason reason) noexcept {
    const bool was_open = phase_ == Phase::open;
    phase_ = Phase::closed;
    admission_.reset();
    if (was_open) gate().close(*this, reason);
    outbox_.clear();
}

}  // namespace junctor::websocket
