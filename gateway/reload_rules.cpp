#include "gateway/reload_rules.hpp"

#include <algorithm>

#include "core/base/setup_error.hpp"

namespace junctor {

namespace {

bool same_connector(const ConnectorEntry& a, const ConnectorEntry& b) {
    return a.type == b.type && a.name == b.name && a.tls.has_value() == b.tls.has_value() && a.section.same_values(b.section, "tls");
}

bool same_connectors(const std::vector<ConnectorEntry>& a, const std::vector<ConnectorEntry>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_connector);
}

bool same_admin(const Configuration& a, const Configuration& b) {
    return a.admin == b.admin && a.admin_hosts == b.admin_hosts && a.admin_tls.has_value() == b.admin_tls.has_value();
}

}  // namespace

void require_same(const Configuration& running, const Configuration& next) {
    std::string changed;
    const auto note = [&](bool same, const char* key) {
        if (!same) changed += (changed.empty() ? "'" : ", '") + std::string(key) + "'";
    };
    note(running.cores == next.cores, "cores");
    note(same_connectors(running.connectors, next.connectors), "connectors");
    note(running.limits == next.limits, "limits");
    note(same_admin(running, next), "admin");
    if (changed.empty()) return;
    throw SetupError(changed + " changed, which needs a restart; a running gateway takes new certificates, 'policy' and 'log'");
}

}  // namespace junctor
