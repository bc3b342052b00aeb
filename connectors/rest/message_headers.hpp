#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/model/envelope.hpp"
#include "core/ports/http.hpp"

namespace junctor::rest {

/// Message headers within HTTP's, lossless in name, case and order: `Junctor-Header: <name>=<value>`, both percent-encoded where they
/// must be, one field each. CloudEvents attributes keep the names of their HTTP binding: `ce-<attribute>: <value>`.

/// Collects them in the request's order; nullopt where one has no name or a broken escape.
std::optional<std::vector<Header>> read_message_headers(const HttpRequest& request);

/// Adds all that extras hold to an answer. What does not fit into 16 KB is left out and counted in `Junctor-Headers-Omitted`.
void write_extras(const Extras& extras, std::vector<Header>& to);

}  // namespace junctor::rest
