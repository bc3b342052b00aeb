#pragma once

#include <bitset>
#include <vector>

#include "core/config/schema.hpp"
#include "core/model/verdict.hpp"
#include "core/ports/outbound.hpp"
#include "policy/policy_parts.hpp"

namespace junctor {

/// What authorizers that ask a server elsewhere have in common.
struct CalloutSettings {
    Url url;
    OutboundTrustPtr trust;
    std::vector<Header> headers;
    std::bitset<verb_count> verbs;  ///< about which it is asked; it abstains from the others
    Verdict::Outcome on_failure = Verdict::Outcome::deny;
    Duration timeout{};
    Duration allow_ttl{};  ///< how long a verdict is remembered that does not say so itself
    Duration deny_ttl{};
    Duration max_ttl{};    ///< however long it says
    std::size_t max_answer = 64U << 10;

    /// Of a section with `callout_fields`. SetupError that names the field.
    static CalloutSettings read(const config::Section& section, const PolicyParts& parts);

    /// An http or https URL that a field holds; SetupError that names the field.
    static Url read_url(std::string_view field, const std::string& text);

    /// `path` below the URL.
    Url below(std::string_view path) const;
    /// A request as configured.
    OutboundRequest request_to(const Url& where, const std::string& method, std::string_view content_type, ByteBuffer body) const;
    /// To `path` below the URL.
    OutboundRequest request(const std::string& method, const std::string& path, std::string_view content_type, ByteBuffer body) const;
};

/// `url` and all the rest; `more` follows.
config::Schema callout_fields(std::vector<config::Field> more = {});

}  // namespace junctor
