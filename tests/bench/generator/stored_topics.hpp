#pragma once

#include <cstdint>
#include <string>

namespace bench {

/// Many subscriptions of which every message matches exactly one: a third each without wildcard, with `+` and with `#`.
class StoredTopics {
public:
    /// `prefix` is of this run alone; subscription i is held by subscriber i modulo `subscribers`.
    StoredTopics(std::string prefix, std::uint32_t subscriptions, std::uint32_t subscribers)
        : prefix_(std::move(prefix)), subscriptions_(subscriptions), subscribers_(subscribers) {}

    std::string filter(std::uint32_t subscription) const;
    /// Of the message with this sequence number: one of 20,000 live topics.
    std::string topic(std::uint64_t sequence) const;
    std::uint32_t receiver(std::uint64_t sequence) const noexcept { return subscription(sequence) % subscribers_; }

private:
    std::uint32_t subscription(std::uint64_t sequence) const noexcept;

    std::string prefix_;
    std::uint32_t subscriptions_;
    std::uint32_t subscribers_;
};

}  // namespace bench
