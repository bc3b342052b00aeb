#pragma once

#include <stdexcept>
#include <string>

namespace junctor {

/// The gateway cannot start, or not take a new configuration: `what()` is one sentence for people that says what, where and what to do.
/// Thrown only on the main thread while setting up.
class SetupError : public std::runtime_error {
public:
    /// `about`: what several of its kind have in common, a file or an address, where the first of them tells enough.
    explicit SetupError(const std::string& sentence, std::string about = {}) : std::runtime_error(sentence), about_(std::move(about)) {}

    const std::string& about() const noexcept { return about_; }

private:
    std::string about_;
};

}  // namespace junctor
