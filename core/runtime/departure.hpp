#pragma once

#include <algorithm>
#include <vector>

#include "core/base/ids.hpp"

namespace junctor {

struct Endpoint;

/// Whose connections are to end. Kept by every core, for connections that are under way between two of them.
struct Departure {
    std::vector<OwnerId> owners;
    std::vector<const Endpoint*> endpoints;  ///< not served any more: all their connections
    bool all = false;
    const Endpoint* spared = nullptr;  ///< with `all`: here stay the connections of `spared_owner` and of nobody
    OwnerId spared_owner;

    void spare(const Endpoint& endpoint, OwnerId owner) noexcept {
        spared = &endpoint;
        spared_owner = owner;
    }

    void add(const Departure& other) {
        owners.insert(owners.end(), other.owners.begin(), other.owners.end());
        endpoints.insert(endpoints.end(), other.endpoints.begin(), other.endpoints.end());
        if (!other.all) return;
        all = true;
        spared = other.spared;
        spared_owner = other.spared_owner;
    }

    bool covers(OwnerId owner, const Endpoint& endpoint) const noexcept {
        if (all) return &endpoint != spared || (owner != OwnerId{} && owner != spared_owner);
        return std::ranges::find(owners, owner) != owners.end() || std::ranges::find(endpoints, &endpoint) != endpoints.end();
    }
};

}  // namespace junctor
