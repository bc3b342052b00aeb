#include "policy/jose/key_set.hpp"

#include "policy/jose/strict_json.hpp"

namespace junctor::jose {
namespace {

/// A key without an id, or a token without one, leaves the choice to the algorithm.
bool may_be_meant(const VerificationKey& key, const CompactToken& token) noexcept {
    return key.algorithms().contains(token.algorithm) && (key.id().empty() || token.kid.empty() || key.id() == token.kid);
}

bool same_or_absent(const nlohmann::json& a, const nlohmann::json& b, const char* member) {
    return !a.contains(member) || !b.contains(member) || a[member] == b[member];
}

/// Two keys of one id that the same token could mean. Whether each can be used does not matter: one that is broken today is whole tomorrow.
bool ambiguous(const nlohmann::json& a, const nlohmann::json& b) {
    const std::string* id = string_member(a, "kid");
    const std::string* other = string_member(b, "kid");
    return id && other && *id == *other && a["kty"] == b["kty"] && same_or_absent(a, b, "alg") && same_or_absent(a, b, "use");
}

bool any_ambiguous(const nlohmann::json& keys) {
    for (std::size_t one = 0; one < keys.size(); ++one)
        for (std::size_t other = 0; other < one; ++other)
            if (keys[one].contains("kty") && keys[other].contains("kty") && ambiguous(keys[one], keys[other])) return true;
    return false;
}

}  // namespace

Result<KeySet> KeySet::parse(std::string_view json, Secrets secrets) {
    const Result<nlohmann::json> document = parse_strict_object(json, key_set_json);
    if (!document) return document.error();
    const auto keys = document->find("keys");
    if (keys == document->end() || !keys->is_array() || keys->size() > most_keys) return JoseErrc::bad_key;
    if (any_ambiguous(*keys)) return JoseErrc::ambiguous_key;
    KeySet set({});
    ErrorCode last = JoseErrc::no_key;
    for (const nlohmann::json& jwk : *keys) {
        Result<VerificationKey> key = VerificationKey::from_jwk(jwk);
        if (!key) {
            last = key.error();
            ++set.left_out_;
            continue;
        }
        if (key->secret() && secrets == Secrets::refused) return JoseErrc::mixed_keys;
        if (const Result<void> added = set.add(std::move(*key)); !added) return added.error();
    }
    if (set.keys_.empty()) return last;
    return set;
}

Result<void> KeySet::add(VerificationKey key) {
    for (const VerificationKey& other : keys_)
        if (other.secret() != key.secret()) return JoseErrc::mixed_keys;
    keys_.push_back(std::move(key));
    return {};
}

JoseErrc KeySet::verify(const CompactToken& token) const noexcept {
    std::size_t tries = 0;
    for (const VerificationKey& key : keys_) {
        if (!may_be_meant(key, token)) continue;
        if (key.verifies(token.algorithm, token.signing_input, token.signature)) return JoseErrc::ok;
        if (++tries == most_tries) break;
    }
    return tries == 0 ? JoseErrc::no_key : JoseErrc::bad_signature;
}

}  // namespace junctor::jose
