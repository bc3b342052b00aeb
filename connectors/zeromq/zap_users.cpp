#include "connectors/zeromq/zap_users.hpp"

#include <algorithm>
#include <charconv>

#include "core/ports/vouching.hpp"

namespace junctor::zeromq {

bool same_vouching(const Principal& one, const Principal& other) noexcept { return one.same(other) && one.vouching == other.vouching; }

std::uint64_t connection_in(std::string_view connection) noexcept {
    std::uint64_t number = 0;
    const std::size_t dot = connection.find('.');
    if (dot != std::string_view::npos) std::from_chars(connection.data() + dot + 1, connection.data() + connection.size(), number);
    return number;
}

ZapUsers::Users::iterator ZapUsers::find_same(const Principal& principal) noexcept {
    const auto [begin, end] = by_name_.equal_range(principal.name);
    const auto found = std::find_if(begin, end, [&](const auto& each) { return same_vouching(*each.second->principal, principal); });
    return found == end ? users_.end() : found->second;
}

std::string ZapUsers::enter(PrincipalRef principal, TimePoint now) {
    return number_of(std::move(principal), now) + '.' + std::to_string(++last_connection_);
}

const std::string& ZapUsers::number_of(PrincipalRef principal, TimePoint now) {
    if (const auto known = find_same(*principal); known != users_.end()) {
        known->vouched = now;
        users_.splice(users_.begin(), users_, known);
        return known->number;
    }
    if (users_.size() >= most_) drop_oldest();
    users_.push_front({std::to_string(++last_number_), std::move(principal), now});
    by_number_.emplace(users_.front().number, users_.begin());
    by_name_.emplace(users_.front().principal->name, users_.begin());
    return users_.front().number;
}

void ZapUsers::drop_oldest() noexcept {
    const auto oldest = std::prev(users_.end());
    const auto [begin, end] = by_name_.equal_range(oldest->principal->name);
    by_name_.erase(std::find_if(begin, end, [&](const auto& each) { return each.second == oldest; }));
    by_number_.erase(oldest->number);
    users_.erase(oldest);
}

PrincipalRef ZapUsers::find(std::string_view connection, TimePoint now) noexcept {
    const auto found = by_number_.find(std::string(number_in(connection)));
    if (found == by_number_.end()) return nullptr;
    const auto user = found->second;
    users_.splice(users_.begin(), users_, user);
    const auto& vouching = user->principal->vouching;
    if (vouching && now - user->vouched >= vouching->interval()) {
        user->vouched = now;
        vouching->doubt();
    }
    return user->principal;
}

}  // namespace junctor::zeromq
