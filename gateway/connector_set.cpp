#include "gateway/connector_set.hpp"

#include <algorithm>

#include "core/runtime/runtime.hpp"
#include "gateway/exposure.hpp"
#include "gateway/file_limit.hpp"
#include "gateway/setup_problems.hpp"

namespace junctor {

namespace {

using Connector = ConnectorSet::Connector;

const Descriptor& descriptor_of(const std::string& type, const std::vector<Descriptor>& descriptors) {
    for (const Descriptor& descriptor : descriptors)
        if (descriptor.name == type) return descriptor;
    throw SetupError("this build has no connector '" + type + "'");
}

std::string owner_name(const ConnectorEntry& entry) { return "connector '" + (entry.name.empty() ? entry.type : entry.name) + "'"; }

/// Certificates may differ: they are read anew in any case. Whom to ask is the policy's business, which is taken over apart.
bool same_entry(const ConnectorEntry& a, const ConnectorEntry& b) {
    return a.type == b.type && a.name == b.name && a.tls.has_value() == b.tls.has_value() &&
           a.section.same_values(b.section, {"tls", "authenticators"});
}

/// Its addresses stay bound until it is gone, and it is to be gone only when what follows is there.
void require_other_addresses(const Connector& before, const Connector& after) {
    const std::vector<Address> taken = before.listener->addresses();
    for (const Address& address : after.listener->addresses())
        if (address.port != 0 && std::ranges::find(taken, address) != taken.end())
            throw SetupError(owner_name(after.entry) + " has sockets of its own and keeps " + address.text() +
                             ": any other change of it needs a restart, or another address");
}

void require_loopback(const ConnectorEntry& entry, const std::vector<Address>& addresses, SetupProblems& problems) {
    for (const Address& address : addresses)
        problems.attempt(entry.section.where(), [&] { junctor::require_loopback(owner_name(entry), address); });
}

/// Of an entry of which no listener can be made.
std::vector<Address> written_addresses(const config::Section& section) {
    std::vector<Address> addresses;
    for (const config::Section::Placed& each : section.texts_of(config::Type::address)) addresses.push_back(*Address::parse(each.text));
    return addresses;
}

}  // namespace

ConnectorSet::ConnectorSet(const Configuration& wanted, const std::vector<Descriptor>& descriptors, const ConnectorSet& present,
                           const Limits& limits, SetupProblems& problems)
    : limits_(limits) {
    for (const ConnectorEntry& entry : wanted.connectors) {
        if (!entry.section.sound()) {
            if (!wanted.policy) require_loopback(entry, written_addresses(entry.section), problems);
        } else if (problems.attempt(entry.section.where(), [&] { connectors_.push_back(make(entry, descriptors, present, limits)); })) {
            if (!wanted.policy) require_loopback(entry, connectors_.back().listener->addresses(), problems);
        }
    }
    if (!wanted.policy) problems.attempt(wanted.admin_where, [&] { junctor::require_loopback("the admin API", wanted.admin); });
}

const Connector* ConnectorSet::find(const std::string& name) const noexcept {
    const auto found = std::ranges::find_if(connectors_, [&](const Connector& connector) { return connector.entry.name == name; });
    return found == connectors_.end() ? nullptr : &*found;
}

Connector ConnectorSet::make(const ConnectorEntry& entry, const std::vector<Descriptor>& descriptors, const ConnectorSet& present,
                             const Limits& limits) {
    const Connector* before = present.find(entry.name);
    const bool same = before && same_entry(before->entry, entry);
    const bool same_limits = present.limits_ == limits;
    if (same && (same_limits || before->own_sockets)) {
        if (present.limits_.packet != limits.packet)
            throw SetupError(owner_name(entry) + " has sockets of its own, for which 'limits: {packet: ...}' changes only with a restart");
        Connector kept = *before;
        kept.entry = entry;
        return kept;
    }
    const Descriptor& descriptor = descriptor_of(entry.type, descriptors);
    Connector made{entry, descriptor.make_listener(entry.name, entry.section, limits), {}, !descriptor.takes_tls, 0, false, false};
    if (made.own_sockets) made.files = descriptor.descriptors_per_address * made.listener->addresses().size();
    if (same) made.owner = before->owner;  // only the limits are new: its connections stay
    if (before && made.own_sockets) require_other_addresses(*before, made);
    return made;
}

void ConnectorSet::open(Runtime& runtime, SetupProblems& problems) {
    for (Connector& connector : connectors_) {
        const std::string where = connector.entry.section.where();
        if (connector.entry.tls)
            problems.attempt(where, [&] {
                for (const Address& address : connector.listener->addresses()) runtime.set_tls(address, *connector.entry.tls);
            });
        if (std::exchange(connector.opened, true)) continue;
        problems.attempt(where, [&] {
            connector.owner = runtime.set_owner(owner_name(connector.entry), connector.owner);
            connector.listener->open(runtime.host());
        });
    }
}

void ConnectorSet::listen(Runtime& runtime, const Configuration& wanted) {
    SetupProblems problems(wanted.source);
    for (Connector& connector : connectors_)
        if (!std::exchange(connector.listening, true))
            problems.attempt(connector.entry.section.where(), [&] {
                if (connector.own_sockets) require_files(connector.files);
                connector.listener->listen(runtime.host());
            });
    problems.throw_any();
}

std::vector<OwnerId> ConnectorSet::kept() const {
    std::vector<OwnerId> owners;
    for (const Connector& connector : connectors_)
        if (connector.opened) owners.push_back(connector.owner);
    return owners;
}

std::vector<std::shared_ptr<Listener>> ConnectorSet::missing_in(const ConnectorSet& next) const {
    std::vector<std::shared_ptr<Listener>> missing;
    for (const Connector& connector : connectors_)
        if (std::ranges::none_of(next.connectors_, [&](const Connector& other) { return other.listener == connector.listener; }))
            missing.push_back(connector.listener);
    return missing;
}

}  // namespace junctor
