#pragma once

#include <stdexcept>

namespace junctor {

/// The gateway cannot start, or not take a new configuration: `what()` is one sentence for people that says what, where and what to do.
/// Thrown only on the main thread while setting up.
class SetupError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace junctor
