#pragma once

#include <vector>

#include "core/ports/session.hpp"

namespace junctor {

/// Does a session's name lead to it? One that is only the present connection of a durable session leaves that to the latter.
enum class Naming : std::uint8_t { by_name, unnamed };

/// The open sessions of one core: by id, and by tenant and name. Holds plain pointers; names stay with their sessions.
class SessionTable {
public:
    explicit SessionTable(CoreId core) noexcept : core_(core) {}

    /// Gives `session` an id nobody had before (on this core, for 16 million reuses of a slot). Its name must not be taken.
    void add(Session& session, Naming naming = Naming::by_name);
    void remove(Session& session) noexcept;

    /// Null when the session has gone, also when its slot has a new holder.
    Session* find(SessionId id) const noexcept;
    Session* find(TenantId tenant, std::string_view name) const noexcept;
    Session* at(std::uint32_t slot) const noexcept { return slot < slots_.size() ? slots_[slot].session : nullptr; }

    std::size_t size() const noexcept { return size_; }
    /// Slots ever used: every `SessionId::slot()` is below it.
    std::size_t slot_count() const noexcept { return slots_.size(); }

    /// Calls `each(Session&)` for every session in slot order; it may add and remove sessions, also the one it is called for.
    template <class Each>
    void for_each(Each&& each) {
        for (std::size_t slot = 0; slot < slots_.size(); ++slot)
            if (Session* session = slots_[slot].session) each(*session);
    }

private:
    struct Slot {
        Session* session = nullptr;
        std::uint32_t generation = 0;
        std::uint32_t next_free = 0;
    };

    void add_name(Session& session);
    void remove_name(const Session& session) noexcept;
    void grow_names();
    std::size_t name_place(TenantId tenant, std::string_view name) const noexcept;

    CoreId core_;
    std::vector<Slot> slots_{1};     ///< slot 0 stays empty: id 0 is nobody
    std::uint32_t first_free_ = 0;
    std::size_t size_ = 0;
    std::vector<Session*> names_;    ///< open addressing, linear probing, power of two
    std::size_t named_ = 0;
};

}  // namespace junctor
