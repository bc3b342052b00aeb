// Tokens and key sets as strangers send them: the first byte says which.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "policy/jose/key_set.hpp"

namespace {

using namespace junctor;
using namespace junctor::jose;

void require(bool holds) {
    if (!holds) std::abort();
}

/// Nobody here signs: whatever these keys are, the bytes are no token of theirs.
const KeySet& keys() {
    static const KeySet set({*VerificationKey::from_secret(as_bytes("a secret of the fuzz target, longer than any hash of HS512 is. "
                                                                    "It signs nothing."))});
    return set;
}

void read_token(std::string_view text) {
    const Result<CompactToken> token = parse_compact_token(text);
    if (!token) return require(token.error().value() != 0);
    require(text.size() <= CompactToken::most_bytes && text.starts_with(token->signing_input));
    require(token->payload.size() < text.size() && !token->signature.empty());
    require(keys().verify(*token) != JoseErrc::ok);
}

void read_keys(std::string_view text) {
    const Result<KeySet> set = KeySet::parse(text, KeySet::Secrets::allowed);
    if (!set) return;
    require(set->size() > 0 && set->size() + set->left_out() <= KeySet::most_keys);
    for (const VerificationKey& key : set->keys()) {
        require(!key.algorithms().empty());
        for (std::size_t algorithm = 0; algorithm < algorithm_count; ++algorithm)
            require(!key.verifies(static_cast<Algorithm>(algorithm), "input", as_bytes("no signature")));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text = as_text(Bytes(data + 1, size - 1));
    if (data[0] == 't') read_token(text);
    else if (data[0] == 'p') static_cast<void>(VerificationKey::from_pem(text));
    else read_keys(text);
    return 0;
}
