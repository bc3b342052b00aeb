#include "core/session/stored_sessions.hpp"

#include <algorithm>
#include <mutex>
#include <set>

namespace junctor {
namespace {

ByteBuffer copy_of(Bytes key) { return {key.begin(), key.end()}; }

ByteBuffer key_of(const keys::Parts& parts) {
    switch (parts.kind) {
    case keys::Kind::subscription: return keys::subscription(parts.owner, parts.text);
    case keys::Kind::queued: return copy_of(keys::queued(parts.owner, parts.number));
    default: return copy_of(keys::unreleased(parts.owner, static_cast<std::uint16_t>(parts.number)));
    }
}

}  // namespace

bool StoredSessions::add(const keys::Parts& key, Bytes body) {
    switch (key.kind) {
    case keys::Kind::session: return add_session(key.owner, body);
    case keys::Kind::subscription:
    case keys::Kind::queued:
    case keys::Kind::unreleased: return add_to_session(key, body);
    case keys::Kind::message: return add_message(key, body);
    case keys::Kind::will: return add_will(key, body);
    default: return true;
    }
}

bool StoredSessions::add_session(std::uint64_t number, Bytes body) {
    std::optional<SessionRecord> record = decode_session(body, clocks_);
    if (!record) return false;
    const CoreId home = home_of_(record->principal->tenant, record->name);
    std::vector<Stored>& sessions = parts_[home.value].sessions;
    places_[number] = {home.value, sessions.size()};
    sessions.push_back({number, std::move(*record), {}, {}, {}});
    Part& numbered = part_of(core_of_message(number));
    numbered.last_session = std::max(numbered.last_session, counter_of_message(number));
    return true;
}

bool StoredSessions::add_to_session(const keys::Parts& key, Bytes body) {
    const auto place = places_.find(key.owner);
    if (place == places_.end()) {
        parts_.front().obsolete.push_back(key_of(key));
        return false;
    }
    Stored& session = parts_[place->second.first].sessions[place->second.second];
    if (key.kind == keys::Kind::unreleased) {
        session.unreleased.push_back(static_cast<std::uint16_t>(key.number));
        return true;
    }
    if (key.kind == keys::Kind::queued) {
        std::optional<QueuedRecord> record = decode_queued(body);
        if (record) session.queue.push_back({key.number, std::move(*record)});
        return record.has_value();
    }
    const std::optional<SubscribeOptions> options = decode_subscription(body);
    Result<TopicFilter> filter = TopicFilter::parse(session.record.principal->tenant, key.text);
    if (!options || !filter) return false;
    session.subscriptions.push_back({std::move(*filter), *options});
    return true;
}

bool StoredSessions::add_message(const keys::Parts& key, Bytes body) {
    const CoreId core{static_cast<std::uint16_t>(key.owner)};
    Part& numbered = part_of(core);
    if (core.value < parts_.size()) numbered.last_message = std::max(numbered.last_message, key.number);
    EnvelopePtr envelope = decoder_.decode(body);
    if (!envelope) return false;
    messages_[message_number(core, key.number)] = std::move(envelope);
    return true;
}

bool StoredSessions::add_will(const keys::Parts& key, Bytes body) {
    Part& part = part_of(SessionId{key.owner}.core());
    part.obsolete.push_back(copy_of(keys::will(SessionId{key.owner})));
    std::optional<LeftWill> will = decode_will(body, clocks_);
    if (will) part.wills.push_back(std::move(*will));
    return will.has_value();
}

std::size_t StoredSessions::finish() {
    std::size_t lost = 0;
    bool moves = false;
    std::unordered_map<std::uint64_t, bool> needed;  // by the core that has it already
    for (std::uint16_t core = 0; core < parts_.size(); ++core) {
        for (Stored& session : parts_[core].sessions) {
            lost += drop_lost_entries(session, parts_[core]);
            for (const Entry& entry : session.queue) {
                const bool here = core_of_message(entry.record.message).value == core;
                needed[entry.record.message] |= here;
                moves |= !here;
            }
        }
    }
    for (const auto& [number, envelope] : messages_) {
        const auto found = needed.find(number);
        if (found != needed.end() && found->second) continue;
        part_of(core_of_message(number)).obsolete.push_back(copy_of(keys::message(core_of_message(number), counter_of_message(number))));
    }
    for (Part& part : parts_) part.moves = moves;
    return lost;
}

std::size_t StoredSessions::drop_lost_entries(Stored& session, Part& part) {
    return std::erase_if(session.queue, [&](const Entry& entry) {
        if (messages_.contains(entry.record.message)) return false;
        part.obsolete.push_back(copy_of(keys::queued(session.number, entry.sequence)));
        return true;
    });
}

std::string_view StoredSessions::protocol(std::string_view name) {
    static std::mutex mutex;
    static std::set<std::string, std::less<>> names;
    const std::lock_guard lock(mutex);
    return *names.emplace(name).first;
}

}  // namespace junctor
