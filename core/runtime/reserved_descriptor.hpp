#pragma once

#include <fcntl.h>
#include <unistd.h>

namespace junctor {

/// A descriptor kept for the moment when the process has no other: given up, it lets one more connection in, to be closed at once
/// instead of waiting unanswered.
class ReservedDescriptor {
public:
    ReservedDescriptor() noexcept { renew(); }
    ~ReservedDescriptor() { give_up(); }
    ReservedDescriptor(const ReservedDescriptor&) = delete;
    ReservedDescriptor& operator=(const ReservedDescriptor&) = delete;

    /// False: there is none to give up.
    bool give_up() noexcept {
        if (descriptor_ < 0) return false;
        ::close(descriptor_);
        descriptor_ = -1;
        return true;
    }
    void renew() noexcept {
        if (descriptor_ < 0) descriptor_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    }

private:
    int descriptor_ = -1;
};

}  // namespace junctor
