#pragma once

#include <string>

#include "policy/tokens/key_fetcher.hpp"

namespace junctor {

/// Keys of the issuer that the configuration names: its metadata says where they are (OpenID Connect Discovery 1.0 section 4).
/// Metadata of another issuer is not taken (section 4.3), nor keys at a place less safe than the issuer's own.
class DiscoveringKeyFetcher final : public KeyFetcher {
public:
    /// `request`: how to ask the issuer; its URL is the metadata's.
    DiscoveringKeyFetcher(Outbound& outbound, OutboundRequest request, std::string issuer)
        : outbound_(outbound), request_(std::move(request)), issuer_(std::move(issuer)) {}
    std::unique_ptr<KeyFetch> fetch(CoreId core, Done done) override;

    /// `https://issuer.example/tenant` -> `https://issuer.example/tenant/.well-known/openid-configuration`
    static std::string metadata_url(std::string_view issuer);
    /// Where the keys are; empty: `problem` says why nowhere.
    static std::string keys_url(std::string_view metadata, std::string_view issuer, std::string& problem);

private:
    class Steps;

    Outbound& outbound_;
    const OutboundRequest request_;
    const std::string issuer_;
};

}  // namespace junctor
