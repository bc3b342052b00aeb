#include "core/model/session_text.hpp"

#include <array>
#include <charconv>

namespace junctor {

std::string session_text(SessionId session) {
    std::array<char, 16> digits{};
    const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), session.value, 16).ptr;
    return {digits.data(), static_cast<std::size_t>(end - digits.data())};
}

SessionId session_of(std::string_view text) noexcept {
    SessionId session;
    std::from_chars(text.data(), text.data() + text.size(), session.value, 16);
    return session;
}

}  // namespace junctor
