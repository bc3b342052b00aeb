#include "policy/tokens/key_refresh_fields.hpp"

#include <algorithm>

#include "policy/tokens/token_fields.hpp"

namespace junctor {

using config::Type;
using namespace std::chrono_literals;

config::Schema key_refresh_fields() {
    return {{.name = "refresh_keys",
             .type = Type::duration,
             .doc = "Its keys are fetched anew after this at the latest; sooner, but not within a minute, where it says so (max-age).",
             .fallback = "1h"},
            {.name = "keep_keys", .type = Type::duration, .doc = "How long they count on while it gives no newer ones.", .fallback = "24h"},
            {.name = "unknown_key_interval",
             .type = Type::duration,
             .doc = "Tokens with an unknown key id make the gateway fetch the keys, at most once in this time.",
             .fallback = "10s"}};
}

KeyRing::Terms key_ring_terms(const config::Section& entry) {
    KeyRing::Terms terms;
    terms.refresh = entry.duration("refresh_keys");
    terms.keep = entry.duration("keep_keys");
    terms.miss_interval = entry.duration("unknown_key_interval");
    if (terms.refresh < 1s) refuse_field(entry, "refresh_keys", "is at least 1s");
    if (terms.miss_interval < 1s) refuse_field(entry, "unknown_key_interval", "is at least 1s");
    if (terms.keep < terms.refresh) refuse_field(entry, "keep_keys", "is not shorter than 'refresh_keys'");
    terms.refresh_least = std::min(terms.refresh_least, terms.refresh);
    return terms;
}

}  // namespace junctor
