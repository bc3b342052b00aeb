#include "gateway/version.hpp"

namespace junctor {

std::string_view version() noexcept { return JUNCTOR_VERSION; }

}  // namespace junctor
