#pragma once

#include <optional>
#include <string>

namespace junctor {

/// What is tried again and again fails again and again, mostly for one reason: says which failures somebody has to read of, so that neither
/// an outage from the start goes by in silence nor a long one fills the log. For one thread.
class Outage {
public:
    /// It has failed. True for the first time in a row, and whenever the reason is another one than the last time.
    bool is_news(const std::string& why) {
        if (why_ == why) return false;
        why_ = why;
        return true;
    }

    /// It works.
    void over() noexcept { why_.reset(); }

private:
    std::optional<std::string> why_;
};

}  // namespace junctor
