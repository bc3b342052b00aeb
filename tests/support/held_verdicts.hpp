#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "core/ports/gate.hpp"

namespace junctor::test {

/// `Gate::when_known` for gates of tests: verdicts come at once, or while `holding` when the test says so.
class HeldVerdicts {
public:
    std::unique_ptr<VerdictWait> when_known(Verb verb, std::string_view object, std::function<void()> then) {
        if (!holding) return then(), nullptr;
        asked.push_back(std::string(to_string(verb)) + " " + std::string(object));
        auto kept = std::make_shared<std::function<void()>>(std::move(then));
        waiting_.push_back(kept);
        return std::make_unique<Wait>(std::move(kept));
    }
    /// All that are waited for are there.
    void release() {
        for (const auto& each : std::exchange(waiting_, {}))
            if (const auto there = each.lock()) {
                const std::function<void()> then = *there;
                then();
            }
    }

    bool holding = false;
    std::vector<std::string> asked;

private:
    struct Wait final : VerdictWait {
        explicit Wait(std::shared_ptr<std::function<void()>> kept) : then(std::move(kept)) {}
        std::shared_ptr<std::function<void()>> then;
    };
    std::vector<std::weak_ptr<std::function<void()>>> waiting_;
};

}  // namespace junctor::test
