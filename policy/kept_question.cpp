#include "policy/kept_question.hpp"

#include "core/base/hash.hpp"

namespace junctor {

bool same_question(const Question& one, const Question& other) noexcept {
    return one.verb == other.verb && one.object == other.object && one.session == other.session && one.protocol == other.protocol &&
           one.principal->same(*other.principal);
}

/// Groups and claims are compared, not hashed: principals of one name that differ only there are rare.
std::uint64_t hash_of(const Question& question, std::uint64_t salt) noexcept {
    std::uint64_t hash = hash_text(question.object, salt << 8 | static_cast<std::uint64_t>(question.verb));
    hash = hash_text(question.principal->name, hash ^ question.principal->tenant.value);
    hash = hash_text(question.session, hash);
    return hash_text(question.protocol, hash);
}

}  // namespace junctor
