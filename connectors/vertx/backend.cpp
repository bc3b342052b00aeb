#include "connectors/vertx/backend.hpp"

#include <algorithm>
#include <array>

#include "core/base/random.hpp"
#include "core/bridging/envelope_json.hpp"
#include "core/observe/log.hpp"
#include "core/runtime/core.hpp"

namespace junctor::vertx {

namespace {

constexpr std::int64_t first_retry_ms = 250;
constexpr std::int64_t longest_retry_ms = 4'000;
constexpr std::uint32_t most_doublings = 4;

/// What has not gone out yet, at most; the bridge reads slowly, and who publishes more hears that it is too much.
constexpr std::size_t most_unsent = 64 << 20;

/// As long as Vert.x itself waits for an answer, and a little longer: it says so.
constexpr Duration answer_timeout = std::chrono::seconds(60);
constexpr std::size_t most_asked = 100'000;

DecodeLimits decode_limits(std::size_t payload) noexcept { return {.nesting = 64, .headers = 1'024, .bytes = largest_frame(payload)}; }

}  // namespace

VertxBackend::VertxBackend(BackendSettings settings, MakeServerLine make_line)
    : settings_(std::move(settings)),
      table_(settings_.addresses),
      make_line_(std::move(make_line)),
      decoder_(Sender::server, decode_limits(settings_.max_payload)) {}

BackendTraits VertxBackend::traits() const noexcept {
    BackendTraits traits;
    traits.max_qos = Qos::at_most_once;
    traits.wildcards = traits.ordered = traits.headers = true;
    traits.max_payload = settings_.max_payload;
    return traits;
}

void VertxBackend::start(BackendSink& sink, const BackendPlace& place) {
    sink_ = &sink;
    core_ = &place.core;
    gateway_ = place.gateway;
    joins_ = place.bridge.empty();
    ask_prefix_ = std::to_string(core_->random().next()) + '.';
    line_ = make_line_({settings_.host, settings_.port, settings_.tls, settings_.ca_file, settings_.certificate, settings_.key,
                        largest_frame(settings_.max_payload) + length_bytes},
                       static_cast<ServerLine::Owner&>(*this), place.post);
    line_->connect();
}

void VertxBackend::stop() noexcept {
    if (core_) core_->timers().cancel(*this);
    line_.reset();
    up_ = available_ = false;
}

void VertxBackend::line_up() noexcept {
    log_info("vertx", "connected to the event bus bridge", {{"host", settings_.host}, {"port", settings_.port}});
    up_ = true;
    outage_.over();
    heard_ = core_->now();
    register_address(settings_.address);
    core_->timers().arm(*this, core_->now() + settings_.keep_alive);
}

void VertxBackend::line_down(const std::string& why) noexcept {
    if (up_) {
        log_warning("vertx", "the line to the event bus bridge is broken", {{"host", settings_.host}, {"port", settings_.port}, {"because", why}});
    } else if (outage_.is_news(why)) {
        log_warning("vertx", "no connection to the event bus bridge, tried again until there is one",
                    {{"host", settings_.host}, {"port", settings_.port}, {"because", why}});
    } else {
        log_debug("vertx", "no connection to the event bus bridge", {{"host", settings_.host}, {"port", settings_.port}, {"because", why}});
    }
    forget_line();
    connect_later();
}

/// What was not confirmed has perhaps arrived, and perhaps not: its publishers hear that the bus is away.
void VertxBackend::forget_line() noexcept {
    up_ = false;
    const std::vector<BackendTicket> lost = ledger_.lose();
    const auto asked = std::exchange(asked_, {});
    registrations_.clear();
    wanted_.clear();
    waiting_.clear();
    for (const BackendTicket each : lost) receipt(each, Errc::unavailable);
    for (const auto& [address, each] : asked)
        if (each.owes_receipt) receipt(each.ticket, Errc::unavailable);
    if (std::exchange(available_, false)) sink_->available(false);
}

void VertxBackend::connect_later() noexcept {
    const std::int64_t longest = std::min(first_retry_ms << std::min(failures_, most_doublings), longest_retry_ms);
    ++failures_;
    const auto cut = static_cast<std::int64_t>(core_->random().next() % static_cast<std::uint64_t>(longest / 2));
    core_->timers().arm(*this, core_->now() + std::chrono::milliseconds(longest - cut));
}

void VertxBackend::give_up_line(const std::string& why) noexcept {
    line_->drop();
    line_down(why);
}

void VertxBackend::expired(TimePoint now) noexcept {
    if (!up_) return line_->connect();
    look_at_line(now);
}

/// A ping is out whenever something is not confirmed; in silence this one asks.
void VertxBackend::look_at_line(TimePoint now) noexcept {
    drop_stale_requests(now);
    const Duration silence = now - heard_;
    if (silence >= settings_.keep_alive * 2 && ledger_.pings() > 0) return give_up_line("no answer to a ping");
    if (ledger_.pings() == 0) {
        ledger_.keep_alive();
        send_ping();
    }
    core_->timers().arm(*this, now + settings_.keep_alive);
}

void VertxBackend::drop_stale_requests(TimePoint now) noexcept {
    std::vector<BackendTicket> over;
    std::erase_if(asked_, [&](const auto& each) {
        if (each.second.until > now) return false;
        if (each.second.owes_receipt) over.push_back(each.second.ticket);
        return true;
    });
    for (const BackendTicket each : over) receipt(each, Errc::timed_out);
}

void VertxBackend::publish(const EnvelopePtr& envelope, BackendTicket ticket) noexcept {
    if (!available_) return receipt(ticket, Errc::unavailable);
    if (full(envelope->payload().size())) return receipt(ticket, Errc::overloaded);
    if (const std::optional<std::string> address = reply_address_of(envelope->topic_text())) return answer_on_bus(*address, envelope, ticket);
    if (const MappedAddress* mapped = table_.of_topic(envelope->topic())) return publish_mapped(*mapped, envelope, ticket);
    publish_shared(envelope, ticket);
}

bool VertxBackend::full(std::size_t more) const noexcept {
    return ledger_.messages() >= settings_.waiting || asked_.size() >= most_asked || line_->unsent() + more > most_unsent;
}

void VertxBackend::publish_shared(const EnvelopePtr& envelope, BackendTicket ticket) noexcept {
    ByteBuffer body;
    body.reserve(envelope->payload().size() + 256);
    if (!append_envelope_json(body, *envelope, core_->now(), gateway_, {.qos = false})) return receipt(ticket, Errc::denied);
    Frame frame;
    frame.type = Type::publish;
    frame.address = settings_.address;
    frame.body = as_text(body);
    send_part(frame, &ticket);
}

/// What wants an answer goes to one receiver: only so does Vert.x carry answers.
void VertxBackend::publish_mapped(const MappedAddress& to, const EnvelopePtr& envelope, BackendTicket ticket) noexcept {
    std::optional<OnBus> on = to_bus(*envelope, core_->now(), gateway_);
    if (!on) return receipt(ticket, Errc::denied);
    const bool asks = envelope->extras() && !envelope->extras()->reply_to.empty();
    std::string reply_address;
    if (asks) reply_address = ask(envelope, ticket);
    on->frame.type = asks || to.to_one ? Type::send : Type::publish;
    on->frame.address = to.address;
    on->frame.reply_address = reply_address;
    const bool later = asks && envelope->kind() == Kind::request;
    send_part(on->frame, later ? nullptr : &ticket);
}

void VertxBackend::answer_on_bus(const std::string& address, const EnvelopePtr& envelope, BackendTicket ticket) noexcept {
    std::optional<OnBus> on = to_bus(*envelope, core_->now(), gateway_);
    if (!on) return receipt(ticket, Errc::denied);
    on->frame.type = Type::send;
    on->frame.address = address;
    send_part(on->frame, &ticket);
}

std::string VertxBackend::ask(const EnvelopePtr& envelope, BackendTicket ticket) {
    std::string address = ask_prefix_ + std::to_string(++last_ask_);
    const Extras& extras = *envelope->extras();
    asked_.emplace(address, Asked{envelope->topic().tenant(), extras.reply_to, extras.correlation, core_->now() + answer_timeout, ticket,
                                  envelope->kind() == Kind::request});
    return address;
}

/// A part holds publishes to one address, so that an error says whose it is.
void VertxBackend::send_part(const Frame& frame, const BackendTicket* ticket) {
    const std::string address(frame.address);
    if (!ledger_.takes(address)) {
        if (ledger_.open()) send_ping();
        ledger_.begin(address, false);
    }
    if (ticket) ledger_.add(*ticket);
    if (!ticket) ledger_.add_request(std::string(frame.reply_address));
    send(frame);
    ping_if_due();
}

void VertxBackend::send(const Frame& frame) {
    out_.clear();
    append_framed(out_, frame);
    line_->send(out_);
}

/// One ping under way is enough: what comes meanwhile has the next one.
void VertxBackend::ping_if_due() {
    if (ledger_.open() && ledger_.pings() == 0) send_ping();
}

void VertxBackend::send_ping() {
    ledger_.close();
    send(Frame{});
}

void VertxBackend::receipt(BackendTicket ticket, Errc code) noexcept {
    const BackendReceipt receipt{ticket, code, code == Errc::ok ? 1U : 0U};
    sink_->taken({&receipt, 1});
}

void VertxBackend::pong() noexcept {
    const std::optional<BusLedger::Part> part = ledger_.pong();
    if (!part) return;
    ping_if_due();
    part_done(*part);
}

void VertxBackend::part_done(const BusLedger::Part& part) noexcept {
    if (part.registers) return registered(part.address, part.refused);
    if (part.refused) log_warning("vertx", "the bridge refuses messages: permit the address inbound", {{"address", part.address}});
    for (const BackendTicket each : part.tickets) receipt(each, part.refused ? Errc::denied : Errc::ok);
    if (!part.refused) return;
    for (const std::string& each : part.asked)
        if (const auto asked = asked_.extract(each)) receipt(asked.mapped().ticket, Errc::denied);
}

}  // namespace junctor::vertx
