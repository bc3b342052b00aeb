#include "gateway/address_rules.hpp"

#include <algorithm>

#include "gateway/setup_problems.hpp"

namespace junctor {

namespace {

/// An address at which something is to listen.
struct Claim {
    Address address;
    std::string owner;
    std::string where;
    bool own_socket = false;  ///< not one of the host's, which many may share
};

class Claims {
public:
    void take(const std::string& owner, const config::Section& section, bool own_sockets) {
        for (const config::Section::Placed& each : section.texts_of(config::Type::address))
            add({*Address::parse(each.text), owner, each.where, own_sockets});
    }

    void add(Claim claim) {
        const auto same = [&](const Claim& other) { return other.address == claim.address && !other.own_socket && !claim.own_socket; };
        if (claim.address.port != 0 && std::ranges::none_of(all_, same)) all_.push_back(std::move(claim));
    }

    const std::vector<Claim>& all() const noexcept { return all_; }

private:
    std::vector<Claim> all_;  ///< the first of those that share
};

bool is_v6(const Address& address) { return address.host.find(':') != std::string::npos; }
bool is_wildcard(const Address& address) { return address.host == "0.0.0.0" || address.host == "::"; }

/// Whether a socket on `wide` leaves no room for one on `other`. The host's on `[::]` are for IPv6 alone; those of libzmq are for both.
bool takes(const Claim& wide, const Claim& other) {
    if (wide.address.port != other.address.port || wide.address == other.address || !is_wildcard(wide.address)) return false;
    return is_v6(wide.address) == is_v6(other.address) || (is_v6(wide.address) && wide.own_socket);
}

std::string shown(const Claim& claim) { return claim.address.text() + " of " + claim.owner + " (" + claim.where + ")"; }

void check_wide(const Claim& wide, const std::vector<Claim>& all, SetupProblems& problems) {
    std::string taken;
    for (const Claim& each : all)
        if (takes(wide, each)) taken += (taken.empty() ? "" : " and ") + shown(each);
    if (taken.empty()) return;
    problems.add(wide.where, wide.owner + " would listen on " + wide.address.text() + ", which takes " + taken +
                                 " as well: use another port, or the same address where both speak HTTP");
}

void check_same(const std::vector<Claim>& all, SetupProblems& problems) {
    for (auto later = all.begin(); later != all.end(); ++later) {
        const auto first = std::find_if(all.begin(), later, [&](const Claim& each) { return each.address == later->address; });
        if (first != later) problems.add(later->where, later->owner + " would listen on " + shown(*first) + ", which cannot be shared: use another port");
    }
}

}  // namespace

void check_addresses(const Configuration& configuration, const std::vector<Descriptor>& descriptors, SetupProblems& problems) {
    Claims claims;
    for (const ConnectorEntry& entry : configuration.connectors) {
        const auto descriptor = std::ranges::find(descriptors, entry.type, &Descriptor::name);
        claims.take("connector '" + entry.name + "'", entry.section, descriptor != descriptors.end() && !descriptor->takes_tls);
    }
    if (configuration.backend) claims.take("the backend", configuration.backend->section, false);
    for (const BridgeEntry& entry : configuration.bridges) claims.take("the bridge '" + entry.name + "'", entry.section, false);
    if (configuration.admin_known) claims.add({configuration.admin, "the admin API", configuration.admin_where});
    for (const Claim& each : claims.all()) check_wide(each, claims.all(), problems);
    check_same(claims.all(), problems);
}

}  // namespace junctor
