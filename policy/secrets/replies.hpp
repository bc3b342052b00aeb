#pragma once

#include <functional>
#include <mutex>

#include "core/base/ids.hpp"
#include "policy/policy_parts.hpp"

namespace junctor {

/// The way back from a worker's thread to the cores, which ends with the authenticator that owns it: a task may finish later.
class Replies {
public:
    using Post = decltype(PolicyParts::post);

    explicit Replies(Post post) : post_(std::move(post)) {}

    void send(CoreId core, std::function<void(Core&)> task) {
        const std::lock_guard lock(mutex_);
        if (post_) post_(core, std::move(task));
    }
    /// Nothing is posted from here on.
    void end() noexcept {
        const std::lock_guard lock(mutex_);
        post_ = nullptr;
    }

private:
    std::mutex mutex_;
    Post post_;
};

}  // namespace junctor
