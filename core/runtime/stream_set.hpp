#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/runtime/appetite.hpp"
#include "core/runtime/connection_count.hpp"
#include "core/runtime/departure.hpp"
#include "core/runtime/endpoint.hpp"
#include "core/runtime/event_loop.hpp"
#include "core/runtime/read_buffer.hpp"
#include "core/runtime/reserved_descriptor.hpp"
#include "core/runtime/standing.hpp"

namespace junctor {

class TcpStream;

/// The connections of one core: owns them, and holds what they share so that none needs it for itself.
class StreamSet final : public Pollable {
public:
    using Sets = std::vector<std::unique_ptr<StreamSet>>;
    /// One read takes at least this much, if it is there.
    static constexpr std::size_t least_share = 4 << 10;

    /// `all`: the sets of all cores by number, complete before the loops run.
    StreamSet(EventLoop& loop, ConnectionCount& connections, const Sets& all);
    ~StreamSet();

    EventLoop& loop() noexcept { return loop_; }
    Metrics& metrics() noexcept { return loop_.core().metrics(); }
    const Limits& limits() const noexcept { return loop_.core().limits(); }

    /// Takes over a connected, non-blocking descriptor. At the limit of the process it is there to be told so (`Stream::surplus`); false,
    /// and closed, when too many others are.
    bool accept(int descriptor, Endpoint& endpoint) noexcept;
    /// Newcomers are not `in_time`, and have not been for long: this one is there to be told so, as far as that is cheap. False, and closed, where not.
    bool turn_away(int descriptor, Endpoint& endpoint) noexcept;
    /// As many connections are unauthenticated as may be.
    bool crowded() const noexcept { return unauthenticated_ >= limits().unauthenticated_connections; }

    /// Whether connections come no faster than they may.
    bool in_time() const noexcept { return connections_.in_time(limits().connections_per_second, loop_.core().now()); }
    /// Whether they come much more slowly.
    bool calm() const noexcept { return connections_.calm(limits().connections_per_second, loop_.core().now()); }

    /// Asks the protocols that `departure` covers to say goodbye, also those that arrive later.
    void drain(const Departure& departure) noexcept;
    /// Ends them all now. The set is empty when it returns.
    void abort_all(CloseReason reason) noexcept;
    std::size_t size() const noexcept { return streams_.size(); }

    /// For when the process has no other descriptor.
    ReservedDescriptor& reserved() noexcept { return reserved_; }

    // For the streams.

    ReadBuffer& input() noexcept { return input_; }
    /// Where the next read goes: a share of the input buffer.
    std::span<std::uint8_t> room() noexcept { return input_.fresh().first(share_); }
    /// Where TLS decrypts to; allocated when first used.
    ReadBuffer& decrypted() noexcept;
    std::size_t decrypted_room_before(const std::uint8_t* at) const noexcept { return decrypted_ ? decrypted_->room_before(at) : 0; }
    /// Whether one more read is within the round's budget for that lane.
    bool may_read(Poller::Lane lane) noexcept;
    /// It is not: those who were not read are the first ones of their lane in the next round.
    void put_off() noexcept;
    /// That lane has done work that takes as long as reading so many bytes does.
    void count_cost(Poller::Lane lane, std::size_t bytes) noexcept { (lane == Poller::Lane::bulk ? bulk_cost_ : prompt_cost_) += bytes; }
    /// `cost`: in work, that read is at least as dear as so many bytes. Answers the lane where the one who sent them belongs from now on.
    Poller::Lane count_read(Appetite& appetite, Poller::Lane lane, std::size_t bytes, std::size_t cost) noexcept;
    void count_sent() noexcept { ++sent_; }
    void count_unauthenticated(int change) noexcept { unauthenticated_ += static_cast<std::uint32_t>(change); }
    /// Destroys `stream`, which has closed its descriptor, at the end of the round.
    void retire(TcpStream& stream) noexcept;
    /// Sends `stream` with its handler to another core. It must not be touched after this call.
    void mail(TcpStream& stream, CoreId to) noexcept;

    /// What `Stream::move_to` and `Stream::become_websocket` asked for during the one call of `received` that this core is in.
    struct Wishes {
        std::optional<CoreId> move_to;
        std::unique_ptr<StreamHandler> successor;
    };
    Wishes& wishes() noexcept { return wishes_; }

    void ready(std::uint32_t) noexcept override {}
    /// Destroys retired streams.
    void flush() noexcept override;

private:
    void begin_round() noexcept;
    void adapt_share() noexcept;
    bool let_in_surplus(int descriptor, Endpoint& endpoint, Standing standing) noexcept;
    void let_in(std::unique_ptr<TcpStream> stream) noexcept;
    void add(std::unique_ptr<TcpStream> stream);
    std::unique_ptr<TcpStream> remove(TcpStream& stream) noexcept;
    void adopt(std::unique_ptr<TcpStream> stream) noexcept;

    EventLoop& loop_;
    ConnectionCount& connections_;
    const Sets& all_;
    ReadBuffer input_;
    std::unique_ptr<ReadBuffer> decrypted_;
    std::vector<std::unique_ptr<TcpStream>> streams_;
    std::vector<TcpStream*> retired_;
    Wishes wishes_;
    std::uint64_t budget_round_ = 0;
    std::size_t prompt_cost_ = 0;  ///< bytes read in this round, where a small read counts as what it costs at least
    std::size_t bulk_cost_ = 0;
    Appetites appetites_;
    std::size_t share_ = least_share;
    std::uint64_t sent_ = 0;     ///< messages queued since the share was last looked at
    std::uint64_t flushes_ = 0;  ///< the loop's count at that time
    bool filled_ = false;        ///< since then a read has taken its whole share
    std::uint32_t unauthenticated_ = 0;
    Departure departed_;
    ReservedDescriptor reserved_;
};

}  // namespace junctor
