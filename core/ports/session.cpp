#include "core/ports/session.hpp"

#include <atomic>

namespace junctor {

std::uint16_t new_wire_family() noexcept {
    static std::atomic<std::uint16_t> last{0};
    return static_cast<std::uint16_t>(last.fetch_add(1) + 1);
}

}  // namespace junctor
