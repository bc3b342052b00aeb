#include "core/session/session_table.hpp"

#include <cassert>

#include "core/base/hash.hpp"

namespace junctor {
namespace {

std::size_t hash_of(TenantId tenant, std::string_view name) noexcept { return hash_text(name, tenant.value); }

std::size_t hash_of(const Session& session) noexcept { return hash_of(session.principal()->tenant, session.name()); }

}  // namespace

void SessionTable::add(Session& session, Naming naming) {
    assert(session.principal() && !session.id_);
    if (first_free_ == 0) {
        first_free_ = static_cast<std::uint32_t>(slots_.size());
        slots_.emplace_back();
    }
    const std::uint32_t index = first_free_;
    Slot& slot = slots_[index];
    first_free_ = slot.next_free;
    slot.session = &session;
    session.id_ = SessionId::make(core_, slot.generation, index);
    ++size_;
    if (naming == Naming::by_name && !session.name().empty()) add_name(session);
}

void SessionTable::remove(Session& session) noexcept {
    assert(find(session.id_) == &session);
    if (find(session.principal()->tenant, session.name()) == &session) remove_name(session);
    const std::uint32_t index = session.id_.slot();
    slots_[index] = {nullptr, slots_[index].generation + 1, first_free_};
    first_free_ = index;
    session.id_ = {};
    --size_;
}

Session* SessionTable::find(SessionId id) const noexcept {
    if (!id || id.core() != core_ || id.slot() >= slots_.size()) return nullptr;
    const Slot& slot = slots_[id.slot()];
    return (slot.generation & 0xff'ffff) == id.generation() ? slot.session : nullptr;
}

Session* SessionTable::find(TenantId tenant, std::string_view name) const noexcept {
    return names_.empty() || name.empty() ? nullptr : names_[name_place(tenant, name)];
}

std::size_t SessionTable::name_place(TenantId tenant, std::string_view name) const noexcept {
    const std::size_t mask = names_.size() - 1;
    std::size_t at = hash_of(tenant, name) & mask;
    while (names_[at] && !(names_[at]->name() == name && names_[at]->principal()->tenant == tenant)) at = (at + 1) & mask;
    return at;
}

void SessionTable::add_name(Session& session) {
    if ((named_ + 1) * 4 > names_.size() * 3) grow_names();
    const std::size_t at = name_place(session.principal()->tenant, session.name());
    assert(!names_[at]);
    names_[at] = &session;
    ++named_;
}

void SessionTable::grow_names() {
    std::vector<Session*> old = std::move(names_);
    names_.assign(old.empty() ? 16 : old.size() * 2, nullptr);
    for (Session* session : old)
        if (session) names_[name_place(session->principal()->tenant, session->name())] = session;
}

void SessionTable::remove_name(const Session& session) noexcept {
    const std::size_t mask = names_.size() - 1;
    std::size_t hole = name_place(session.principal()->tenant, session.name());
    assert(names_[hole] == &session);
    --named_;
    // Those behind move up into the hole unless they would then stand before their own place.
    for (std::size_t at = (hole + 1) & mask; names_[at]; at = (at + 1) & mask) {
        if (((at - hash_of(*names_[at])) & mask) < ((at - hole) & mask)) continue;
        names_[hole] = names_[at];
        hole = at;
    }
    names_[hole] = nullptr;
}

}  // namespace junctor
