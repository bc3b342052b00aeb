#include "core/runtime/stream_set.hpp"

#include <unistd.h>

#include <algorithm>

#include "core/runtime/tcp_stream.hpp"

namespace junctor {

namespace {

/// What is read in one round before it is written on: enough to coalesce, little enough to stay in the cache.
constexpr std::size_t round_budget = 256 << 10;
/// While there is more to read than that, those who send much get so little of a round that nobody else waits long for the next one.
constexpr std::size_t bulk_budget = 128 << 10;
/// From so many messages in one write on, the write itself costs little of each.
constexpr std::uint64_t messages_per_write = 32;

/// A stream on its way to another core; destroyed with it if the process ends before it arrives.
struct Parcel {
    std::unique_ptr<TcpStream> stream;
};

}  // namespace

StreamSet::StreamSet(EventLoop& loop, ConnectionCount& connections, const Sets& all) : loop_(loop), connections_(connections), all_(all) {}

StreamSet::~StreamSet() { abort_all(CloseReason::server_shutdown); }

bool StreamSet::accept(int descriptor, Endpoint& endpoint) noexcept {
    connections_.came(limits().connections_per_second, loop_.core().now());
    if (!connections_.enter(limits().connections)) return let_in_surplus(descriptor, endpoint, Standing::surplus);
    metrics().add(endpoint.accepted);
    let_in(std::make_unique<TcpStream>(descriptor, endpoint));
    return true;
}

bool StreamSet::turn_away(int descriptor, Endpoint& endpoint) noexcept {
    // Before a word can be said keys have to be agreed on, and that is what takes the time.
    if (!endpoint.tls.load()) return let_in_surplus(descriptor, endpoint, Standing::too_fast);
    metrics().add(endpoint.refused);
    ::close(descriptor);
    return false;
}

bool StreamSet::let_in_surplus(int descriptor, Endpoint& endpoint, Standing standing) noexcept {
    metrics().add(endpoint.refused);
    if (!connections_.enter_surplus()) {
        ::close(descriptor);
        return false;
    }
    let_in(std::make_unique<TcpStream>(descriptor, endpoint, standing));
    return true;
}

void StreamSet::let_in(std::unique_ptr<TcpStream> stream) noexcept {
    Endpoint& endpoint = stream->endpoint();
    metrics().add(endpoint.open, 1);
    endpoint.connections.fetch_add(1, std::memory_order_relaxed);
    TcpStream& accepted = *stream;
    add(std::move(stream));
    accepted.begin();
}

void StreamSet::drain(const Departure& departure) noexcept {
    departed_.add(departure);
    // By index: a protocol may end its own stream, but streams leave the set only at the end of a round.
    for (std::size_t i = 0; i < streams_.size(); ++i)
        if (departure.covers(streams_[i]->owner(), streams_[i]->endpoint())) streams_[i]->drain();
}

void StreamSet::abort_all(CloseReason reason) noexcept {
    while (!streams_.empty()) {
        for (const auto& stream : streams_) stream->abort(reason);
        loop_.flush_dirty();
    }
}

ReadBuffer& StreamSet::decrypted() noexcept {
    if (!decrypted_) decrypted_ = std::make_unique<ReadBuffer>();
    return *decrypted_;
}

void StreamSet::begin_round() noexcept {
    budget_round_ = loop_.round_number();
    prompt_cost_ = bulk_cost_ = 0;
    appetites_.turn(loop_.core().now());
    adapt_share();
}

/// Reads are as large as makes the writes worth their price, and no larger: while we work on the next part, the receivers of the first
/// work already, and neither side sleeps. A wake-up costs more than ten reads. What leads to no write yet is read in large pieces.
void StreamSet::adapt_share() noexcept {
    const std::uint64_t writes = loop_.flush_count() - flushes_;
    if (sent_ > 0 && sent_ >= writes * messages_per_write * 2)
        share_ = std::max(share_ / 2, least_share);
    else if (filled_ && sent_ <= writes * messages_per_write)
        share_ = std::min(share_ * 2, ReadBuffer::fresh_bytes);
    flushes_ = loop_.flush_count();
    sent_ = 0;
    filled_ = false;
}

bool StreamSet::may_read(Poller::Lane lane) noexcept {
    if (budget_round_ != loop_.round_number()) begin_round();
    const bool within = lane == Poller::Lane::bulk ? bulk_cost_ < bulk_budget : prompt_cost_ < round_budget;
    return within && loop_.may_read();
}

void StreamSet::put_off() noexcept {
    if (!loop_.may_read()) return;
    appetites_.crowd();
    loop_.poller().postpone();
}

Poller::Lane StreamSet::count_read(Appetite& appetite, Poller::Lane lane, std::size_t bytes, std::size_t cost) noexcept {
    count_cost(lane, std::max(bytes, cost));
    filled_ |= bytes == share_;
    appetites_.count(appetite, bytes);
    return appetites_.large(appetite, lane == Poller::Lane::bulk) ? Poller::Lane::bulk : Poller::Lane::prompt;
}

void StreamSet::retire(TcpStream& stream) noexcept {
    if (retired_.empty()) loop_.mark_dirty(*this);
    retired_.push_back(&stream);
}

void StreamSet::flush() noexcept {
    std::vector<TcpStream*> retired;
    retired.swap(retired_);
    for (TcpStream* stream : retired) {
        if (stream->dirty()) {  // the loop still holds it: once more next round
            retire(*stream);
            continue;
        }
        metrics().add(stream->endpoint().open, -1);
        stream->end();
        stream->endpoint().connections.fetch_sub(1, std::memory_order_relaxed);
        const bool surplus = stream->surplus();
        remove(*stream).reset();
        surplus ? connections_.leave_surplus() : connections_.leave();
    }
}

void StreamSet::add(std::unique_ptr<TcpStream> stream) {
    stream->take_place(*this, static_cast<std::uint32_t>(streams_.size()));
    streams_.push_back(std::move(stream));
}

std::unique_ptr<TcpStream> StreamSet::remove(TcpStream& stream) noexcept {
    std::unique_ptr<TcpStream>& place = streams_[stream.place()];
    std::unique_ptr<TcpStream> removed = std::move(place);
    place = std::move(streams_.back());
    if (place) place->take_place(*this, removed->place());
    streams_.pop_back();
    return removed;
}

void StreamSet::mail(TcpStream& stream, CoreId to) noexcept {
    stream.depart();
    const auto parcel = std::make_shared<Parcel>(Parcel{remove(stream)});
    StreamSet* target = all_[to.value].get();
    Mail mail;
    mail.what = Mail::What::call;
    mail.task = std::make_unique<std::function<void(Core&)>>([parcel, target](Core&) { target->adopt(std::move(parcel->stream)); });
    loop_.core().mailbox().post(to, std::move(mail));
}

void StreamSet::adopt(std::unique_ptr<TcpStream> stream) noexcept {
    TcpStream& arrived = *stream;
    add(std::move(stream));
    arrived.arrive();
    if (departed_.covers(arrived.owner(), arrived.endpoint())) arrived.drain();
}

}  // namespace junctor
