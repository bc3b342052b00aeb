#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/model/will.hpp"
#include "core/ports/session.hpp"
#include "core/store/clock_pair.hpp"

namespace junctor {

/// What the store keeps of a durable session itself.
struct SessionRecord {
    std::string name;
    std::string protocol;
    PrincipalRef principal;
    Duration expiry = Duration::zero();
    std::optional<WallTime> detached_at;  ///< nothing: somebody was connected
    std::uint64_t epoch = 0;
    std::uint64_t reserved = 0;           ///< sequences up to this one may have been given
    std::unique_ptr<Will> will;
};

/// What it keeps of a message's place in a session's queue.
struct QueuedRecord {
    std::uint64_t message = 0;  ///< core and counter of its key
    Qos qos = Qos::at_least_once;
    bool retain = false;
    bool received = false;
    std::vector<std::uint32_t> subscription_ids;
    std::string group;          ///< the shared subscription that it came by, as its canonical filter; empty: none
};

/// Numbers of messages in the store: the core that stores them, and its counter.
constexpr std::uint64_t message_number(CoreId core, std::uint64_t counter) noexcept { return std::uint64_t{core.value} << 48 | counter; }
constexpr CoreId core_of_message(std::uint64_t number) noexcept { return {static_cast<std::uint16_t>(number >> 48)}; }
constexpr std::uint64_t counter_of_message(std::uint64_t number) noexcept { return number & 0xffff'ffff'ffff; }

void append_session(ByteBuffer& to, const SessionRecord& record, const ClockPair& clocks);
void append_will(ByteBuffer& to, const Will& will, const PrincipalRef& principal, const ClockPair& clocks);
void append_subscription(ByteBuffer& to, const SubscribeOptions& options);
void append_queued(ByteBuffer& to, const QueuedRecord& record);

/// Nothing where the bytes are no such record.
std::optional<SessionRecord> decode_session(Bytes bytes, const ClockPair& clocks);
/// The will, and who left it.
std::optional<std::pair<std::unique_ptr<Will>, PrincipalRef>> decode_will(Bytes bytes, const ClockPair& clocks);
std::optional<SubscribeOptions> decode_subscription(Bytes bytes) noexcept;
std::optional<QueuedRecord> decode_queued(Bytes bytes);

}  // namespace junctor
