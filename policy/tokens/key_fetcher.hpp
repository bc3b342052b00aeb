#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/ports/outbound.hpp"
#include "policy/jose/key_set.hpp"

namespace junctor {

/// What came of asking a provider for its keys.
struct FetchedKeys {
    jose::KeySetPtr keys;             ///< null: none came
    std::optional<Duration> max_age;  ///< what the provider says of how long they stay the same
    std::string problem;              ///< where none came: why, for operators
};

/// A fetch under way. Destroying it cancels it: nobody is called any more.
class KeyFetch {
public:
    virtual ~KeyFetch() = default;
};

/// A way to a provider's keys.
class KeyFetcher {
public:
    using Done = std::function<void(FetchedKeys)>;

    virtual ~KeyFetcher() = default;
    /// Calls `done` once on `core`, the one that calls, later.
    virtual std::unique_ptr<KeyFetch> fetch(CoreId core, Done done) = 0;
};

/// Keys at a URL that the configuration names.
class UrlKeyFetcher final : public KeyFetcher {
public:
    UrlKeyFetcher(Outbound& outbound, OutboundRequest request) : outbound_(outbound), request_(std::move(request)) {}
    std::unique_ptr<KeyFetch> fetch(CoreId core, Done done) override;

private:
    Outbound& outbound_;
    const OutboundRequest request_;
};

/// What an answer with a key set in it says.
FetchedKeys read_key_answer(const OutboundAnswer& answer);

/// `max-age` of `Cache-Control`; nothing where it is not there or no number.
std::optional<Duration> max_age_of(const HttpResponse& response);

}  // namespace junctor
