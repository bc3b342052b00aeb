#include "core/model/session_name.hpp"

#include "core/model/topic.hpp"

namespace junctor {

bool valid_session_name(std::string_view name) noexcept {
    return name.find('/') == std::string_view::npos && Topic::parse({}, name).has_value();
}

}  // namespace junctor
