#pragma once

#include <functional>

#include "core/ports/host.hpp"
#include "core/runtime/poller.hpp"

namespace junctor {

/// Watches a descriptor that somebody else owns and closes.
class PolledDescriptor final : public DescriptorWatch, public Pollable {
public:
    PolledDescriptor(Poller& poller, int descriptor, std::function<void()> readable)
        : poller_(poller), descriptor_(descriptor), readable_(std::move(readable)) {
        poller_.add(descriptor_, *this, EPOLLIN);
    }
    ~PolledDescriptor() override { poller_.remove(descriptor_, *this); }

    void ready(std::uint32_t) noexcept override {
        const std::function<void()> call = readable_;  // a copy, because it may end its own watch
        call();
    }

private:
    Poller& poller_;
    int descriptor_;
    std::function<void()> readable_;
};

}  // namespace junctor
