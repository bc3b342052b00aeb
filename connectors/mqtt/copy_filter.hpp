#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace junctor::mqtt {

/// Tells the copies of one message from the next message that looks alike. A broker sends a message once for each of a client's
/// subscriptions that match it (5.0 section 3.3.4 lets it), one right behind the other and each with the identifiers of its own: what
/// repeats an identifier is a new message.
class CopyFilter {
public:
    /// Is this another copy of the message before?
    bool is_copy(const std::string& topic, const std::string& payload, int qos, bool retain, const std::vector<std::uint32_t>& subscriptions);
    /// Nothing has come before.
    void reset() { seen_.clear(); }

private:
    std::string topic_;
    std::string payload_;
    int qos_ = 0;
    bool retain_ = false;
    std::vector<std::uint32_t> seen_;  ///< identifiers of the copies so far
};

}  // namespace junctor::mqtt
