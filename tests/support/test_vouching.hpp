#pragma once

#include <functional>
#include <memory>

#include "core/ports/vouching.hpp"

namespace junctor::test {

/// Says what the test says, at once or when it says so.
class TestVouching final : public Vouching {
public:
    Duration interval() const noexcept override { return std::chrono::seconds(10); }
    std::unique_ptr<Inquiry> ask(CoreId, std::function<void(bool)> done) override {
        ++asked;
        if (later) waiting = std::move(done);
        else done(holds);
        return std::make_unique<Inquiry>();
    }

    bool holds = true;
    bool later = false;
    int asked = 0;
    std::function<void(bool)> waiting;
};

}  // namespace junctor::test
