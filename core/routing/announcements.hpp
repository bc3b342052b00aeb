#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/ring.hpp"
#include "core/model/errc.hpp"
#include "core/runtime/timer_wheel.hpp"

namespace junctor {

class Core;

/// What this gateway wants all others to know that a remote backend joins: one after the other, each again until the backend has it or nobody needs
/// to hear it any more. Of one core, on its thread.
class Announcements final : private Timer {
public:
    struct Announcement {
        std::string what;  ///< the name under which others listen for it, one topic level
        ByteBuffer words;
        TimePoint until;   ///< from then on nobody needs to hear it
    };
    /// Hands it to the backend. `taken` follows, once, perhaps before this returns: the announcement is gone then.
    using Send = std::function<void(const Announcement&)>;

    /// Between two tries, where the backend is there and does not take it.
    static constexpr Duration pause = std::chrono::seconds(1);

    Announcements(Core& core, Send send) : core_(core), send_(std::move(send)) {}

    void add(Announcement announcement);
    /// Whether the backend is there.
    void available(bool yes) noexcept;
    /// How it ended for the one that was sent.
    void taken(Errc code) noexcept;

private:
    void expired(TimePoint now) noexcept override;
    void go_on() noexcept;
    bool choose() noexcept;

    Core& core_;
    const Send send_;
    std::optional<Announcement> present_;
    Ring<Announcement> waiting_;  ///< behind that one
    bool there_ = false;
    bool sent_ = false;  ///< `taken` is to come
    bool going_on_ = false;
};

}  // namespace junctor
