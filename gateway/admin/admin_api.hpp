#pragma once

#include <memory>

#include "core/ports/host.hpp"
#include "gateway/admin/admin_sources.hpp"

namespace junctor {

/// Registers the admin API on `address`: `/`, `/healthz`, `/readyz`, `/metrics`, `/v1/connectors`, `/v1/sessions`.
/// Health is for anybody who reaches the address; the rest is for whom the policy lets in.
void open_admin_api(Host& host, const Address& address, std::shared_ptr<const AdminSources> sources);

}  // namespace junctor
