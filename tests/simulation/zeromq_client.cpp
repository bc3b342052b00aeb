#include "tests/simulation/zeromq_client.hpp"

#include "connectors/zeromq/codec_fields.hpp"
#include "core/runtime/core.hpp"

namespace junctor::simulation {

zeromq::PeerLink::Sent ZeromqClient::Seat::send(std::span<const SharedSlice> frames) noexcept {
    if (gone) return Sent::gone;
    if (stalled) return Sent::full;
    Frames& message = sent.emplace_back();
    for (const SharedSlice& frame : frames) message.emplace_back(as_text(frame.bytes));
    return Sent::yes;
}

ZeromqClient::~ZeromqClient() {
    if (seat_) seat_->peer.end(CloseReason::connection_lost);
}

void ZeromqClient::connect(const std::string&) {
    begin_life("zeromq", "");
    seat_ = std::make_unique<Seat>(core_at(any_core()));
    Credentials credentials;
    credentials.connector = "zeromq";
    seat_->home.gate().authenticate(std::move(credentials), [this](AuthenticationStep step) {
        if (step.principal) seat_->peer.begin(std::move(step.principal));
    });
}

// The door notices only when it looks.
void ZeromqClient::cut() {
    if (!seat_) return;
    seat_->gone = true;
    seat_->attended = true;
    end_life(life());
    outgoing_.clear();
    pending_.clear();
}

void ZeromqClient::stall(bool stalled) {
    if (!seat_ || seat_->stalled == stalled) return;
    seat_->stalled = stalled;
    seat_->attended = true;
}

void ZeromqClient::drain(std::size_t core) {
    if (!seat_ || seat_->gone || seat_->home.id().value != core) return;
    seat_->home.begin_round();
    seat_->peer.pump();  // the door's last turn
    seat_->peer.close(CloseReason::server_shutdown, "the gateway is shutting down");
    seat_->attended = true;
}

bool ZeromqClient::turn() {
    if (!seat_) return false;
    seat_->home.begin_round();
    if (seat_->attended && look_after_seat()) return true;
    if (random().below(2) == 0) return feed() || drink();
    return drink() || feed();
}

bool ZeromqClient::look_after_seat() {
    seat_->attended = false;
    if (!seat_->gone && !seat_->peer.over()) {
        seat_->peer.pump();
        seat_->attended = false;
        return true;
    }
    if (seat_->gone) seat_->peer.end(CloseReason::connection_lost);
    while (!seat_->gone && drink()) {
    }
    end_life(life());
    history().lives[life()].noticed = history().step();
    seat_.reset();
    outgoing_.clear();
    pending_.clear();
    return true;
}

bool ZeromqClient::feed() {
    if (outgoing_.empty() || seat_->gone) return false;
    const Piece piece = std::move(outgoing_.front());
    outgoing_.pop_front();
    std::vector<Bytes> views;
    for (const std::string& frame : piece.frames) views.push_back(as_bytes(frame));
    seat_->peer.received(views);
    if (piece.number) handed(*piece.number);
    return true;
}

bool ZeromqClient::drink() {
    if (seat_->sent.empty() || seat_->gone || seat_->stalled) return false;
    const Frames frames = std::move(seat_->sent.front());
    seat_->sent.pop_front();
    take(frames);
    return true;
}

void ZeromqClient::put(Frames frames, std::optional<Pending> pending, std::optional<std::size_t> number) {
    if (pending) {
        frames[1] = std::to_string(++last_id_);
        pending_.emplace(frames[1], *pending);
    }
    outgoing_.push_back({std::move(frames), number});
}

void ZeromqClient::send_publication(std::size_t number) {
    const Publication& made = publication(number);
    zeromq::Fields fields;
    fields.content_type = made.content_type;
    fields.qos = static_cast<std::uint8_t>(made.qos);
    fields.retain = made.retain;
    if (made.kind == Kind::request) fields.timeout = std::chrono::seconds(5);
    std::string members;
    zeromq::append_members(members, fields);
    const std::string op = made.kind == Kind::request ? "request" : made.kind == Kind::send ? "send" : "publish";
    put({op, "", made.topic, std::to_string(number), zeromq::fields_frame(members)},
        Pending{made.kind == Kind::request ? Pending::What::request : Pending::What::publish, number}, number);
}

void ZeromqClient::send_subscribe(std::size_t index) {
    const std::string qos = std::to_string(static_cast<int>(subscription(index).qos));
    put({"subscribe", "", subscription(index).filter, "", "{\"qos\":" + qos + "}"}, Pending{Pending::What::subscribe, index});
}

void ZeromqClient::send_unsubscribe(std::size_t index) {
    put({"unsubscribe", "", subscription(index).filter}, Pending{Pending::What::unsubscribe, index});
}

void ZeromqClient::send_reply(const std::string& reply_to, const std::string& correlation, const std::string& payload) {
    zeromq::Fields fields;
    fields.correlation.assign(correlation.begin(), correlation.end());
    std::string members;
    zeromq::append_members(members, fields);
    put({"reply", "", reply_to, payload, zeromq::fields_frame(members)}, {});
}

void ZeromqClient::take(const Frames& frames) {
    if (frames.size() != 5) throw std::logic_error("the gateway sent a ZeroMQ message that is none");
    if (frames[0] == "message" || frames[0] == "request") take_message(frames);
    else if (!frames[1].empty()) settle(frames);
    else if (frames[0] == "error" && frames[3] == "server_shutdown") told(life());
}

void ZeromqClient::settle(const Frames& frames) {
    const auto node = pending_.extract(frames[1]);
    if (node.empty()) throw std::logic_error("the gateway answered what nobody asked");
    const Pending& pending = node.mapped();
    const bool well = frames[0] != "error";
    switch (pending.what) {
        case Pending::What::publish: return taken(pending.index, well);
        case Pending::What::request: return outcome(pending.index, well ? frames[3] : "error");
        case Pending::What::subscribe: return granted(pending.index, well);
        case Pending::What::unsubscribe: return left(pending.index);
    }
}

void ZeromqClient::take_message(const Frames& frames) {
    zeromq::Fields fields;
    if (!zeromq::decode_fields(as_bytes(frames[4]), {}, fields).empty()) throw std::logic_error("the gateway sent headers that are none");
    Arrival arrival;
    arrival.life = life();
    arrival.payload = frames[3];
    arrival.topic = frames[2];
    arrival.content_type = fields.content_type;
    arrival.qos = static_cast<Qos>(fields.qos.value_or(0));
    arrival.retain = fields.retain;
    arrived(std::move(arrival), fields.reply_to, std::string(as_text(fields.correlation)));
}

}  // namespace junctor::simulation
