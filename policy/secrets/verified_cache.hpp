#pragma once

#include <array>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/clock.hpp"
#include "policy/secrets/crypto.hpp"

namespace junctor {

/// Credentials that were found right a short while ago, so that many clients that come back at once cost no hashing. It knows them
/// by a keyed digest alone, with a key that is as old as the process. Thread-safe.
class VerifiedCache {
public:
    static constexpr std::size_t most = 100'000;

    /// `lifetime` zero: remembers nothing.
    explicit VerifiedCache(Duration lifetime) : lifetime_(lifetime), key_(random_bytes(32)) {}

    /// `generation`: of what they were verified against; another one has never seen them.
    /// What was said of it, where it is known.
    std::optional<std::vector<std::string>> knows(std::string_view user, std::string_view secret, std::uint64_t generation, TimePoint now);
    void remember(std::string_view user, std::string_view secret, std::uint64_t generation, TimePoint now, std::vector<std::string> about = {});

private:
    using Mark = std::array<std::uint8_t, 32>;
    struct Known {
        TimePoint until;
        std::vector<std::string> about;
    };
    struct MarkHash {
        std::size_t operator()(const Mark& mark) const noexcept;
    };

    Mark mark_of(std::string_view user, std::string_view secret, std::uint64_t generation) const;

    const Duration lifetime_;
    const ByteBuffer key_;
    std::mutex mutex_;
    std::unordered_map<Mark, Known, MarkHash> known_;
};

}  // namespace junctor
