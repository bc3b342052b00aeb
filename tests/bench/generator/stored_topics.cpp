#include "tests/bench/generator/stored_topics.hpp"

namespace bench {
namespace {

constexpr std::uint64_t live_topics = 20'000;
constexpr std::uint64_t scatter = 7'919;  // a prime, so that neighbours in time are no neighbours in the trie

}  // namespace

std::uint32_t StoredTopics::subscription(std::uint64_t sequence) const noexcept {
    return static_cast<std::uint32_t>(sequence % live_topics * scatter % subscriptions_);
}

std::string StoredTopics::filter(std::uint32_t subscription) const {
    const std::string device = prefix_ + "/d" + std::to_string(subscription);
    switch (subscription % 3) {
        case 0: return device + "/a/temperature";
        case 1: return device + "/+/temperature";
        default: return device + "/#";
    }
}

std::string StoredTopics::topic(std::uint64_t sequence) const {
    return prefix_ + "/d" + std::to_string(subscription(sequence)) + "/a/temperature";
}

}  // namespace bench
