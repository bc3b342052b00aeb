#pragma once

#include <functional>
#include <memory>

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"

namespace junctor {

/// A question under way. Destroying it cancels it: nobody is called any more. On the core that asked.
class Inquiry {
public:
    virtual ~Inquiry() = default;
};

/// Somebody counts as long as whoever vouched says so, and that can end at any time: it is asked again while a session lasts.
/// Shared by the sessions of a principal, on several cores at once; destroyed on any thread.
class Vouching {
public:
    virtual ~Vouching() = default;

    /// How often each session asks.
    virtual Duration interval() const noexcept = 0;
    /// Calls `done` once on `core`, the one that asks, perhaps before it returns: whether it still holds.
    virtual std::unique_ptr<Inquiry> ask(CoreId core, std::function<void(bool)> done) = 0;
};

}  // namespace junctor
