#include "policy/secrets/verified_cache.hpp"

#include <algorithm>
#include <cstring>

namespace junctor {

std::size_t VerifiedCache::MarkHash::operator()(const Mark& mark) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, mark.data(), sizeof value);
    return value;
}

VerifiedCache::Mark VerifiedCache::mark_of(std::string_view user, std::string_view secret, std::uint64_t generation) const {
    ByteBuffer text;
    append(text, std::to_string(generation) + ":" + std::to_string(user.size()) + ":");
    append(text, user);
    append(text, secret);
    const ByteBuffer digest = hmac(Digest::sha256, key_, text);
    wipe(text);
    Mark mark{};
    std::copy_n(digest.begin(), std::min(digest.size(), mark.size()), mark.begin());
    return mark;
}

std::optional<std::vector<std::string>> VerifiedCache::knows(std::string_view user, std::string_view secret, std::uint64_t generation,
                                                             TimePoint now) {
    if (lifetime_ <= Duration::zero()) return std::nullopt;
    const Mark mark = mark_of(user, secret, generation);
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(mark);
    if (found == known_.end()) return std::nullopt;
    if (now < found->second.until) return found->second.about;
    known_.erase(found);
    return std::nullopt;
}

void VerifiedCache::remember(std::string_view user, std::string_view secret, std::uint64_t generation, TimePoint now, std::vector<std::string> about) {
    if (lifetime_ <= Duration::zero()) return;
    const Mark mark = mark_of(user, secret, generation);
    const std::lock_guard lock(mutex_);
    if (known_.size() >= most) std::erase_if(known_, [now](const auto& entry) { return entry.second.until <= now; });
    if (known_.size() < most) known_[mark] = {now + lifetime_, std::move(about)};
}

}  // namespace junctor
