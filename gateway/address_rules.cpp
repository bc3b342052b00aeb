#include "gateway/address_rules.hpp"

#include <algorithm>

#include "gateway/setup_problems.hpp"

namespace junctor {

namespace {

/// The first of those that share one; none where any port will do.
std::vector<AddressClaim> sockets_of(std::vector<AddressClaim> claims) {
    std::vector<AddressClaim> sockets;
    for (AddressClaim& claim : claims) {
        const auto same = [&](const AddressClaim& other) { return other.address == claim.address && !other.own_socket && !claim.own_socket; };
        if (claim.address.port != 0 && std::ranges::none_of(sockets, same)) sockets.push_back(std::move(claim));
    }
    return sockets;
}

void claim(const std::string& owner, const config::Section& section, const Descriptor* descriptor, std::vector<AddressClaim>& claims) {
    const bool own = descriptor && !descriptor->takes_tls;
    for (const config::Section::Placed& each : section.texts_of(config::Type::address))
        claims.push_back({*Address::parse(each.text), owner, each.where, own, own ? descriptor->descriptors_per_address : 0});
}

bool is_v6(const Address& address) { return address.host.find(':') != std::string::npos; }
bool is_wildcard(const Address& address) { return address.host == "0.0.0.0" || address.host == "::"; }

/// Whether a socket on `wide` leaves no room for one on `other`. The host's on `[::]` are for IPv6 alone; those of libzmq are for both.
bool takes(const AddressClaim& wide, const AddressClaim& other) {
    if (wide.address.port != other.address.port || wide.address == other.address || !is_wildcard(wide.address)) return false;
    return is_v6(wide.address) == is_v6(other.address) || (is_v6(wide.address) && wide.own_socket);
}

std::string shown(const AddressClaim& claim) { return claim.address.text() + " of " + claim.owner + " (" + claim.where + ")"; }

void check_wide(const AddressClaim& wide, const std::vector<AddressClaim>& all, SetupProblems& problems) {
    std::string taken;
    for (const AddressClaim& each : all)
        if (takes(wide, each)) taken += (taken.empty() ? "" : " and ") + shown(each);
    if (taken.empty()) return;
    problems.add(wide.where, wide.owner + " would listen on " + wide.address.text() + ", which takes " + taken +
                                 " as well: use another port, or the same address where both speak HTTP");
}

void check_same(const std::vector<AddressClaim>& all, SetupProblems& problems) {
    for (auto later = all.begin(); later != all.end(); ++later) {
        const auto first = std::find_if(all.begin(), later, [&](const AddressClaim& each) { return each.address == later->address; });
        if (first != later) problems.add(later->where, later->owner + " would listen on " + shown(*first) + ", which cannot be shared: use another port");
    }
}

}  // namespace

std::vector<AddressClaim> claimed_addresses(const Configuration& configuration, const std::vector<Descriptor>& descriptors) {
    std::vector<AddressClaim> claims;
    for (const ConnectorEntry& entry : configuration.connectors) {
        const auto descriptor = std::ranges::find(descriptors, entry.type, &Descriptor::name);
        claim("connector '" + entry.name + "'", entry.section, descriptor == descriptors.end() ? nullptr : &*descriptor, claims);
    }
    if (configuration.backend) claim("the backend", configuration.backend->section, nullptr, claims);
    for (const BridgeEntry& entry : configuration.bridges) claim("the bridge '" + entry.name + "'", entry.section, nullptr, claims);
    if (configuration.admin_known) claims.push_back({configuration.admin, "the admin API", configuration.admin_where});
    return claims;
}

void check_addresses(const Configuration& configuration, const std::vector<Descriptor>& descriptors, SetupProblems& problems) {
    const std::vector<AddressClaim> sockets = sockets_of(claimed_addresses(configuration, descriptors));
    for (const AddressClaim& each : sockets) check_wide(each, sockets, problems);
    check_same(sockets, problems);
}

}  // namespace junctor
