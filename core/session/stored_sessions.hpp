#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/ports/gate.hpp"
#include "core/session/session_record.hpp"
#include "core/store/envelope_record.hpp"
#include "core/store/keys.hpp"

namespace junctor {

/// What the store holds of durable sessions: read once at start, handed to the cores where the sessions live now. How many cores there
/// were before does not matter.
class StoredSessions {
public:
    struct Entry {
        std::uint64_t sequence = 0;
        QueuedRecord record;
    };

    struct Stored {
        std::uint64_t number = 0;
        SessionRecord record;
        std::vector<SubscribeRequest> subscriptions;
        std::vector<Entry> queue;
        std::vector<std::uint16_t> unreleased;
    };

    using LeftWill = std::pair<std::unique_ptr<Will>, PrincipalRef>;

    /// What one core takes over.
    struct Part {
        std::vector<Stored> sessions;
        std::vector<LeftWill> wills;       ///< of sessions that were not durable
        std::vector<ByteBuffer> obsolete;  ///< keys that nobody needs
        std::uint64_t last_session = 0;    ///< the highest number that a session or message of this core had
        std::uint64_t last_message = 0;
        bool moves = false;                ///< messages change their core: all cores write together
    };

    using Messages = std::unordered_map<std::uint64_t, EnvelopePtr>;
    using HomeOf = std::function<CoreId(TenantId tenant, std::string_view name)>;

    StoredSessions(std::uint16_t cores, HomeOf home_of, const ClockPair& clocks)
        : home_of_(std::move(home_of)), clocks_(clocks), decoder_(clocks), parts_(cores) {}

    /// A record whose seal held, in the order of the keys. Those of other kinds are not looked at. False where it makes no sense.
    bool add(const keys::Parts& key, Bytes body);
    /// After the last one. Answers how many queued messages are lost, because the message is not there any more.
    std::size_t finish();

    /// Once for each core.
    Part take(CoreId core) { return std::move(parts_[core.value]); }
    const Messages& messages() const noexcept { return messages_; }
    /// The same text for as long as the process lives.
    static std::string_view protocol(std::string_view name);

private:
    bool add_session(std::uint64_t number, Bytes body);
    bool add_to_session(const keys::Parts& key, Bytes body);
    bool add_message(const keys::Parts& key, Bytes body);
    bool add_will(const keys::Parts& key, Bytes body);
    std::size_t drop_lost_entries(Stored& session, Part& part);
    Part& part_of(CoreId owner) noexcept { return parts_[owner.value < parts_.size() ? owner.value : 0]; }

    HomeOf home_of_;
    ClockPair clocks_;
    EnvelopeDecoder decoder_;
    std::vector<Part> parts_;
    std::unordered_map<std::uint64_t, std::pair<std::size_t, std::size_t>> places_;  ///< of sessions: core, index
    Messages messages_;
};

}  // namespace junctor
