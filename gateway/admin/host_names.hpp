#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace junctor {

/// Whether a Host header may reach the admin API: a numeric address, `localhost`, or one of `names`. A page in a browser can make
/// any other name point here (DNS rebinding) and would then read the answer as its own.
bool host_allowed(std::string_view host_header, const std::vector<std::string>& names);

}  // namespace junctor
