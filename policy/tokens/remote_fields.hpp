#pragma once

#include "core/config/schema.hpp"
#include "core/ports/outbound.hpp"
#include "policy/policy_parts.hpp"

namespace junctor {

/// How a server elsewhere is reached, in the entry of whoever asks it: the field `url_field` and what goes with it.
config::Schema remote_fields(const std::string& url_field, const std::string& url_doc, bool required = true);

/// A request to the URL in that field, with time limit and trust. Throws ConfigError: no URL, or one that would carry secrets in the
/// clear beyond this machine without that having been asked for.
OutboundRequest remote_request(const config::Section& entry, std::string_view url_field, const std::string& url, const PolicyParts& parts);

}  // namespace junctor
