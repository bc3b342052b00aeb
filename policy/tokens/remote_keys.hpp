#pragma once

#include <memory>
#include <string>

#include "policy/policy_parts.hpp"
#include "policy/tokens/key_fetcher.hpp"
#include "policy/tokens/key_ring.hpp"
#include "policy/tokens/key_source.hpp"

namespace junctor {

/// Keys that a provider publishes: fetched by the first core, used by all. Those at hand count on while the provider is away, up to a
/// limit; unknown key ids make it ask again, seldom, and whoever waits for that waits together.
class RemoteKeys final : public KeySource {
public:
    /// Clients that may wait for one fetch.
    static constexpr std::size_t most_waiting = 10'000;

    /// `origin`: the issuer or URL that they are of. Keys that another one of the same origin holds count here too until newer ones
    /// come, so that a reload while the provider is away locks nobody out.
    RemoteKeys(std::string origin, const KeyRing::Terms& terms, std::unique_ptr<KeyFetcher> fetcher, const PolicyParts& parts);
    ~RemoteKeys() override;

    void start() override;
    jose::KeySetPtr keys() const override;
    void renew(CoreId core, jose::KeySetPtr than, std::function<void()> done) override;

private:
    class Keeper;
    struct Published;
    class Registry;

    const PolicyParts parts_;
    const std::string origin_;
    std::shared_ptr<Published> published_;
    std::shared_ptr<Keeper> keeper_;
};

}  // namespace junctor
