#include "connectors/vertx/connection.hpp"

#include <array>
#include <cassert>

#include "connectors/vertx/address_mapping.hpp"
#include "connectors/vertx/backend_mapping.hpp"
#include "connectors/vertx/mapping.hpp"
#include "core/observe/metrics.hpp"
#include "core/runtime/core.hpp"

namespace junctor::vertx {
namespace {

Counter bad_frames(FaultKind kind) {
    static const std::array counters = [] {
        std::array<Counter, fault_kind_count> made;
        for (std::size_t at = 0; at < made.size(); ++at)
            made[at] = counter("junctor_bad_input_total", "Input that broke its protocol, by protocol and reason",
                               {{"protocol", "vertx"}, {"reason", std::string(to_string(static_cast<FaultKind>(at)))}});
        return made;
    }();
    return counters[static_cast<std::size_t>(kind)];
}

std::uint16_t family() noexcept {
    static const std::uint16_t number = new_wire_family();
    return number;
}

}  // namespace

Connection::~Connection() { assert(phase_ != Phase::open); }

Gate& Connection::gate() const noexcept { return stream_.core().gate(); }

DecodeLimits Connection::limits() const noexcept {
    const Limits& limits = stream_.core().limits();
    return {.nesting = limits.nesting, .headers = limits.headers, .bytes = receive_limit()};
}

std::size_t Connection::receive_limit() const noexcept {
    const Limits& limits = stream_.core().limits();
    return phase_ < Phase::opening ? limits.unauthenticated_packet : limits.packet;
}

std::size_t Connection::received(Bytes bytes) noexcept {
    if (phase_ == Phase::closed) return bytes.size();
    if (phase_ != Phase::waiting && phase_ != Phase::open) return 0;
    if (phase_ == Phase::open) admission_.reset();
    if (registering()) return 0;
    if (form_ == WireForm::tcp) return receive_framed(bytes);
    if (form_ == WireForm::raw) {
        frame(as_text(bytes));
    } else if (!read_sockjs(as_text(bytes), limits(), [this](std::string_view text) { frame(text); })) {
        fault(FaultKind::bad_json);
    }
    pause_if_full();
    return bytes.size();
}

/// The rest is kept by the stream while nothing is read.
std::size_t Connection::receive_framed(Bytes bytes) noexcept {
    std::size_t used = 0;
    while ((phase_ == Phase::waiting || phase_ == Phase::open) && !paused_ && !held_ && !registering()) {
        const Split next = split_frame(bytes.subspan(used), receive_limit() - length_bytes);
        if (next.status == Split::Status::too_large) {
            stream_.core().metrics().add(bad_frames(FaultKind::too_large));
            close(CloseReason::too_large, "a frame is larger than this gateway takes");
            return bytes.size();
        }
        if (next.status == Split::Status::incomplete) break;
        used += next.consumed;
        frame(next.text);
        pause_if_full();
    }
    return phase_ == Phase::closed ? bytes.size() : used;
}

void Connection::frame(std::string_view text) noexcept {
    if (phase_ == Phase::closed) return;
    if (registering()) return static_cast<void>(backlog_.emplace_back(text));
    FrameDecoder decoder(Sender::client, limits());
    Frame read;
    if (const std::optional<FaultKind> wrong = decoder.decode(text, read)) return fault(*wrong);
    if (phase_ == Phase::open) return frame(read);
    phase_ == Phase::waiting ? frame_of_stranger(read) : error("not_logged_in");
}

void Connection::frame(const Frame& frame) noexcept {
    switch (frame.type) {
        case Type::ping:
            pending_.add_ping();
            return send_pongs();
        case Type::register_handler: return register_handler(frame);
        case Type::unregister_handler: return unregister_handler(frame);
        default: return frame.address == login_address ? log_in(frame) : publish(frame);
    }
}

void Connection::fault(FaultKind kind) noexcept {
    stream_.core().metrics().add(bad_frames(kind));
    error(reason_of(kind));
}

void Connection::error(std::string_view reason) noexcept {
    ByteBuffer message;
    append_error(message, reason, form_);
    send(std::move(message));
}

void Connection::publish(const Frame& frame) noexcept {
    if (frame.address.size() > settings_->max_address_length) return error("max_address_length_reached");
    const bool asks = frame.type == Type::send && !frame.reply_address.empty();
    if (asks && frame.reply_address.size() > settings_->max_address_length) return error("invalid_reply_address");
    ArrivedMessage from;
    Duration timeout = settings_->reply_timeout;
    if (!draft_of(frame, principal()->tenant, from, timeout)) return error("invalid_address");
    const Token token{++last_token_};
    if (!asks) {
        pending_.add(PendingFrames::Entry::What::publish, token, std::string(frame.address));
        return gate().publish(*this, std::move(from.draft), token);
    }
    Asked asked{std::string(frame.reply_address), form_ == WireForm::tcp ? std::string(frame.address) : std::string()};
    if (requests_.size() >= stream_.core().limits().pending_requests_per_session) return request_failed(asked, {Errc::quota_exceeded, 0, {}, {}});
    requests_.emplace(token.value, std::move(asked));
    gate().request(*this, std::move(from.draft), std::min(timeout, stream_.core().limits().max_wait), token);
}

void Connection::register_handler(const Frame& frame) noexcept {
    if (frame.address.size() > settings_->max_address_length) return error("max_address_length_reached");
    if (handlers_.contains(frame.address)) return error("address_already_registered");
    if (handlers_.size() >= settings_->max_handlers) return error("max_handlers_reached");
    Result<TopicFilter> filter = filter_of(frame.address, principal()->tenant);
    if (!filter) return error("invalid_address");
    const Token token{++last_token_};
    handlers_.emplace(frame.address);
    pending_.add(PendingFrames::Entry::What::registration, token, std::string(frame.address));
    SubscribeRequest request{std::move(*filter), {}};
    request.options.retain_handling = RetainHandling::never;
    registering_ = token;
    gate().subscribe(*this, {&request, 1}, token);
    if (!registering() || phase_ != Phase::open || std::exchange(waits_to_register_, true)) return;
    stream_.pause_reading();
}

void Connection::registered() noexcept {
    registering_ = {};
    while (!backlog_.empty() && !registering() && phase_ == Phase::open) {
        const std::string next = std::move(backlog_.front());
        backlog_.pop_front();
        frame(next);
    }
    if (!registering() && std::exchange(waits_to_register_, false)) stream_.resume_reading();
}

void Connection::unregister_handler(const Frame& frame) noexcept {
    const auto at = handlers_.find(frame.address);
    if (at == handlers_.end()) return form_ == WireForm::tcp ? error("unknown_address") : void();  // Vert.x says nothing by SockJS
    handlers_.erase(at);
    const Result<TopicFilter> filter = filter_of(frame.address, principal()->tenant);
    if (filter) gate().unsubscribe(*this, {&*filter, 1}, {});
}

void Connection::settled(Token token, const Receipt& receipt) noexcept {
    const Errc code = receipt.code == Errc::ok && !receipt.each.empty() ? receipt.each.front() : receipt.code;
    if (const auto request = requests_.extract(token.value)) {
        if (code != Errc::ok) request_failed(request.mapped(), {code, 0, receipt.reason, {}});
    } else if (const auto ended = pending_.end(token); ended && code != Errc::ok && code != Errc::no_receivers) {
        if (ended->what == PendingFrames::Entry::What::registration) handlers_.erase(ended->address);
        error(reason_of(code));
    }
    send_pongs();
    if (registering_ == token) registered();
    resume_if_drained();
}

void Connection::request_failed(const Asked& asked, const Receipt& receipt) noexcept {
    if (receipt.code == Errc::denied) return error(reason_of(receipt.code));
    fail(asked, -1, failure_type_of(receipt.code), receipt.reason.empty() ? to_string(receipt.code) : receipt.reason);
}

void Connection::fail(const Asked& asked, std::int64_t code, std::string_view type, std::string_view why) noexcept {
    Frame frame;
    frame.type = Type::err;
    frame.address = asked.reply_address;
    frame.source_address = asked.address;
    frame.failure_code = code;
    frame.failure_type = type;
    frame.message = why;
    send(frame);
}

void Connection::answered(Token token, const EnvelopePtr& reply) noexcept {
    const auto request = requests_.extract(token.value);
    if (!request) return;
    std::optional<OnBus> on = shown(*reply, stream_.core().now());
    if (!on) return;
    if (const std::optional<Failure> failure = failure_in(*reply)) {
        fail(request.mapped(), failure->code, "RECIPIENT_FAILURE", failure->message);
    } else {
        on->frame.address = request.mapped().reply_address;
        on->frame.is_send = true;
        send(on->frame);
    }
    resume_if_drained();
}

/// The SockJS bridge of Vert.x answers no ping, and its client would not know what that is.
void Connection::send_pongs() noexcept {
    Frame pong;
    pong.type = Type::pong;
    const std::size_t due = pending_.pongs();
    for (std::size_t sent = 0; sent < due && form_ == WireForm::tcp; ++sent) send(pong);
}

void Connection::revoked(const TopicFilter& filter, std::string_view) noexcept {
    handlers_.erase(address_of_topic(filter.text()));
    error(reason_of(Errc::denied));
}

WireVariant Connection::variant(const SubscribeOptions&) const noexcept { return {family(), static_cast<std::uint16_t>(form_)}; }

void Connection::encode(const Envelope& envelope, WireVariant variant, Template& out) const noexcept {
    ByteBuffer message;
    if (const std::optional<OnBus> on = shown(envelope, stream_.core().now())) append_message(message, on->frame, static_cast<WireForm>(variant.bits));
    if (message.size() <= Template::copy_limit) {
        out.append_prefix(message);
    } else {
        out.set_block(Ref<const SharedBytes>(new SharedBytes(std::move(message))));
    }
}

DeliverResult Connection::deliver(const Delivery& delivery) noexcept {
    if (phase_ != Phase::open) return DeliverResult::refused;
    if (outbox_.empty() && stream_.wants_more()) {
        stream_.send({}, delivery.encoded.prefix(), delivery.encoded.body());
        return DeliverResult::queued;
    }
    Core& core = stream_.core();
    const DeliverResult result = outbox_.push(delivery, core.limits().outbound_queue, core.metrics(), false, share());
    if (result == DeliverResult::refused) close(CloseReason::slow_consumer, "messages were not read fast enough");
    return result;
}

void Connection::charge(Ref<QueueShare> share) noexcept {
    stream_.charge(share);
    Session::charge(std::move(share));
}

bool Connection::accepts(Qos) const noexcept {
    const bool takes = phase_ == Phase::open && outbox_.empty() && stream_.wants_more();
    turned_down_ = turned_down_ || !takes;
    return takes;
}

void Connection::writable() noexcept {
    empty_outbox(false);
    resume_if_drained();
    if (!turned_down_ || phase_ != Phase::open || !outbox_.empty()) return;
    turned_down_ = false;
    gate().ready(*this);
}

void Connection::empty_outbox(bool whole) noexcept {
    Core& core = stream_.core();
    outbox_.pump(core.now(), core.metrics(), [&](const Outbox::Item& item) {
        if (!whole && !stream_.wants_more()) return false;
        Template encoded;
        encode(*item.envelope, variant({}), encoded);
        stream_.send({}, encoded.prefix(), encoded.body());
        return true;
    });
}

void Connection::send(const Frame& frame) noexcept {
    ByteBuffer message;
    append_message(message, frame, form_);
    send(std::move(message));
}

void Connection::send(ByteBuffer&& message) noexcept {
    if (message.size() <= Template::copy_limit) return stream_.send(message);
    SharedSlice slice;
    slice.block = Ref<const SharedBytes>(new SharedBytes(std::move(message)));
    slice.bytes = slice.block->view();
    stream_.send({}, {}, slice);
}

/// Who does not read what we answer, or asks faster than it is answered, waits.
bool Connection::full() const noexcept {
    return !stream_.wants_more() || pending_.size() + requests_.size() >= stream_.core().limits().in_flight;
}

void Connection::pause_if_full() noexcept {
    if (paused_ || phase_ == Phase::closed || !full()) return;
    paused_ = true;
    stream_.pause_reading();
}

void Connection::resume_if_drained() noexcept {
    if (!paused_ || full()) return;
    paused_ = false;
    stream_.resume_reading();
}

void Connection::hold(bool waits) noexcept {
    held_ = waits;
    waits ? stream_.pause_reading() : stream_.resume_reading();
}

}  // namespace junctor::vertx
