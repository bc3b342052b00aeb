#pragma once

#include <cstdint>

namespace junctor {

/// Whether a connection came in to stay, or to be told in its protocol why it cannot.
enum class Standing : std::uint8_t {
    admitted,
    surplus,   ///< there are as many as may be
    too_fast,  ///< more come in a second than may
};

}  // namespace junctor
