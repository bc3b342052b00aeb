#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/ports/backend.hpp"

namespace junctor::vertx {

/// What was sent to a bridge and is not confirmed. The bridge answers only pings, in order: a pong says that it has read all that went
/// before its ping, and an error in between speaks of what stands between the two pings. So each part (a run of publishes to one
/// address, or one registration) has a ping at its end. A value: sends nothing.
class BusLedger {
public:
    struct Part {
        std::string address;
        bool registers = false;
        bool refused = false;  ///< an error came for it
        std::vector<BackendTicket> tickets{};
        std::vector<std::string> asked{};  ///< reply addresses of requests
    };

    /// Does the part that has no ping yet take a publish to this address?
    bool takes(const std::string& address) const noexcept { return open_ && parts_.back().address == address && !parts_.back().registers; }
    bool open() const noexcept { return open_; }
    /// Pings that are not answered.
    std::size_t pings() const noexcept { return parts_.size() - (open_ ? 1 : 0); }
    std::size_t messages() const noexcept { return messages_; }

    void begin(const std::string& address, bool registers) {
        parts_.push_back({address, registers});
        open_ = true;
    }
    void add(BackendTicket ticket) {
        parts_.back().tickets.push_back(ticket);
        ++messages_;
    }
    void add_request(const std::string& reply_address) { parts_.back().asked.push_back(reply_address); }
    /// A ping goes out.
    void close() noexcept { open_ = false; }
    /// A ping with nothing in front of it.
    void keep_alive() { parts_.push_back({}); }

    void error_came() noexcept {
        if (!parts_.empty()) parts_.front().refused = true;
    }
    /// The part that the oldest ping ended; nothing where no ping is out.
    std::optional<Part> pong() {
        if (pings() == 0) return std::nullopt;
        Part part = std::move(parts_.front());
        parts_.pop_front();
        messages_ -= part.tickets.size();
        return part;
    }
    /// The line is down: nothing of this is confirmed any more.
    std::vector<BackendTicket> lose() {
        std::vector<BackendTicket> lost;
        for (const Part& each : parts_) lost.insert(lost.end(), each.tickets.begin(), each.tickets.end());
        parts_.clear();
        open_ = false;
        messages_ = 0;
        return lost;
    }

private:
    std::deque<Part> parts_;
    std::size_t messages_ = 0;
    bool open_ = false;  ///< the last part has no ping yet
};

}  // namespace junctor::vertx
