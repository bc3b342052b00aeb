#include "tests/support/zmq_end.hpp"

#include <algorithm>
#include <utility>

#include "tests/support/zmq_network.hpp"

namespace junctor::test {
namespace {

bool wants(const ZmqLine& line, const std::string& topic) {
    return std::ranges::any_of(line.prefixes, [&](const std::string& prefix) { return topic.starts_with(prefix); });
}

}  // namespace

ZmqEnd::ZmqEnd(ZmqNetwork& network, Kind kind, std::size_t high_water_mark, int descriptor)
    : network_(network), kind_(kind), high_water_mark_(high_water_mark), descriptor_(descriptor) {
    network_.enter(*this);
}

ZmqEnd::~ZmqEnd() {
    network_.leave(*this);
    for (const auto& line : lines_) {
        line->linger();
        line->in.clear();
        if (std::exchange(line->end, nullptr)) line->events.noticed();
    }
    for (const auto& [event, line] : events_)
        if (!event.opened) line->events.noticed();
}

Result<Address> ZmqEnd::bind(const Address& address) {
    if (!network_.is_free(address.port)) return make_error_code(boost::system::errc::address_in_use);
    port_ = address.port;
    return address;
}

// The end of a turn: what has not been refused again has gone.
bool ZmqEnd::readable() noexcept {
    signalled_ = false;
    if (!refused_) behind_since_.reset();
    return std::ranges::any_of(lines_, [](const auto& line) { return !line->in.empty(); });
}

// XPUB hands over everything in the order of its arrival. Elsewhere fair queueing: of each connection in order, and between them as it comes.
std::shared_ptr<ZmqLine> ZmqEnd::next_line() noexcept {
    Lines full;
    std::ranges::copy_if(lines_, std::back_inserter(full), [](const auto& line) { return !line->in.empty(); });
    if (full.empty()) return nullptr;
    if (kind_ != Kind::publisher) return full[network_.random().below(full.size())];
    return *std::ranges::min_element(full, {}, [](const auto& line) { return line->in.front().place; });
}

bool ZmqEnd::receive() noexcept {
    signalled_ = false;
    const std::shared_ptr<ZmqLine> line = next_line();
    if (!line) return false;
    last_ = std::move(line->in.front());
    line->in.pop_front();
    last_number_ = line->number;
    last_user_ = line->user;
    last_line_ = line;
    parts_.clear();
    for (const std::string& frame : last_.frames) parts_.push_back(as_bytes(frame));
    if (last_.taken) last_.taken();
    if (!line->end && line->in.empty()) std::erase(lines_, line);
    return true;
}

std::size_t ZmqEnd::received_bytes() const noexcept {
    std::size_t bytes = 0;
    for (const Bytes part : parts_) bytes += part.size();
    return bytes;
}

std::optional<zeromq::Socket::ConnectionEvent> ZmqEnd::next_connection_event() noexcept {
    if (events_.empty()) return std::nullopt;
    const auto [event, line] = events_.front();
    events_.erase(events_.begin());
    if (!event.opened) line->events.noticed();
    return event;
}

void ZmqEnd::accepted(const std::shared_ptr<ZmqLine>& line) {
    lines_.push_back(line);
    events_.push_back({{line->number, true}, line});
}

void ZmqEnd::arrived(ZmqLine& line, ZmqLine::Piece piece) {
    piece.place = ++last_place_;
    line.in.push_back(std::move(piece));
    signal();
}

// XPUB takes back itself what a connection had that has gone.
void ZmqEnd::notice(const std::shared_ptr<ZmqLine>& line) {
    events_.push_back({{line->number, false}, line});
    line->end = nullptr;
    if (kind_ == Kind::publisher)
        for (const std::string& prefix : std::exchange(line->prefixes, {})) arrived(*line, {{std::string(1, '\0') + prefix}, {}, true});
    signal();
    if (line->in.empty()) std::erase(lines_, line);
}

zeromq::Socket::Sent ZmqEnd::send(std::span<const SharedSlice> frames, const Held&) noexcept {
    signalled_ = false;
    ZmqFrames message;
    for (const SharedSlice& frame : frames) message.emplace_back(as_text(frame.bytes));
    if (kind_ == Kind::publisher) return publish(message);
    network_.answered(message);
    return Sent::yes;
}

zeromq::Socket::Sent ZmqEnd::publish(const ZmqFrames& message) noexcept {
    Lines matching;
    std::ranges::copy_if(lines_, std::back_inserter(matching), [&](const auto& line) { return line->end && wants(*line, message[0]); });
    const auto full = [&](const auto& line) { return !line->closed() && !line->left_out && line->out.size() >= high_water_mark_; };
    refused_ = !dropping_ && std::ranges::any_of(matching, full);
    if (refused_ && !behind_since_) behind_since_ = network_.now();
    if (refused_) return Sent::full;
    for (const auto& line : matching) offer(*line, message);
    // Whose turn it is to be waited for next has all the time there is.
    if (dropping_) behind_since_.reset();
    return Sent::yes;
}

void ZmqEnd::offer(ZmqLine& line, const ZmqFrames& message) {
    if (line.closed()) return;
    if (line.left_out || line.out.size() >= high_water_mark_) {
        const Duration waited = network_.now() - behind_since_.value_or(network_.now());
        return line.events.dropped(message, std::exchange(line.left_out, true) ? Duration::max() : waited);
    }
    line.out.push_back(message);
    line.full = line.out.size() == high_water_mark_;
}

void ZmqEnd::admit(std::string_view prefix) noexcept {
    const auto line = last_line_.lock();
    if (!line || !line->end) return;
    line->prefixes.emplace(prefix);
    line->events.admitted(last_.frames[0].substr(1));
}

void ZmqEnd::dismiss(std::string_view prefix) noexcept {
    if (const auto line = last_line_.lock()) line->prefixes.erase(std::string(prefix));
}

void ZmqEnd::end_connection(int connection) noexcept {
    for (const auto& line : lines_)
        if (line->number == connection) line->close();
}

bool ZmqLine::carry() {
    if (!open() || !end || wire.empty() || in.size() >= end->room_for()) return false;
    Piece piece = std::move(wire.front());
    wire.pop_front();
    end->arrived(*this, std::move(piece));
    return true;
}

// Who writes is told when there is room again: at once for one who was full, after half of it for one who was left out.
std::optional<ZmqFrames> ZmqLine::read() {
    if (out.empty()) return std::nullopt;
    ZmqFrames message = std::move(out.front());
    out.pop_front();
    if (state == State::lingering && out.empty()) state = State::closed;
    if (!end || !full || (left_out && out.size() > end->room_for() / 2)) return message;
    left_out = full = false;
    end->signal();
    return message;
}

}  // namespace junctor::test
