#include "gateway/reload_rules.hpp"

#include <algorithm>

#include "core/config/problems.hpp"

namespace junctor {

namespace {

bool same_store(const std::optional<StoreOptions>& a, const std::optional<StoreOptions>& b) {
    return a.has_value() == b.has_value() && (!a || (a->dir == b->dir && a->durability == b->durability));
}

bool same_backend(const std::optional<BackendEntry>& a, const std::optional<BackendEntry>& b) {
    return a.has_value() == b.has_value() && (!a || (a->type == b->type && a->section.same_values(b->section)));
}

bool same_bridges(const std::vector<BridgeEntry>& a, const std::vector<BridgeEntry>& b) {
    return std::ranges::equal(a, b, [](const BridgeEntry& one, const BridgeEntry& other) { return one.section.same_values(other.section); });
}

}  // namespace

void require_reloadable(const Configuration& running, const Configuration& next) {
    std::vector<std::string> lines;
    if (running.cores != next.cores)
        lines.push_back(next.cores_where + ": 'cores' changed from " + std::to_string(running.cores) + " to " + std::to_string(next.cores) +
                        ", which needs a restart: sessions live on their core");
    if (!same_store(running.store, next.store))
        lines.push_back(next.store_where + ": 'store' changed, which needs a restart: what is stored does not move while it is in use");
    if (running.name != next.name) lines.push_back(next.name_where + ": 'name' changed, which needs a restart: others know the gateway by it");
    if (!same_backend(running.backend, next.backend))
        lines.push_back((next.backend ? next.backend->section.where() : next.source) + ": 'backend' changed, which needs a restart");
    if (!same_bridges(running.bridges, next.bridges)) lines.push_back(next.source + ": 'bridges' changed, which needs a restart");
    if (running.sys_interval != next.sys_interval) lines.push_back("'sys_interval' changed, which needs a restart");
    if (!lines.empty()) throw config::ConfigError(std::move(lines));
}

bool same_admin(const Configuration& running, const Configuration& next) {
    return running.admin == next.admin && running.admin_hosts == next.admin_hosts &&
           running.admin_tls.has_value() == next.admin_tls.has_value();
}

}  // namespace junctor
