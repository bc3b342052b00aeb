#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "connectors/matrix/backend_settings.hpp"
#include "core/ports/backend.hpp"
#include "tests/conformance/backend/peer_process.hpp"

namespace junctor::test {

/// A real homeserver (tests/peers/matrix) that pushes what happens to two gateways, its application services `alpha` and `beta`. Ended with
/// the object.
class PushingSynapse {
public:
    PushingSynapse();
    ~PushingSynapse();
    PushingSynapse(const PushingSynapse&) = delete;

    std::uint16_t port() const noexcept { return port_; }
    /// Without where the homeserver is, and rooms of topics.
    const matrix::BackendSettings& settings(const std::string& gateway) const { return settings_.at(gateway); }

private:
    std::filesystem::path folder_;
    std::map<std::string, matrix::BackendSettings> settings_;
    std::unique_ptr<PeerProcess> process_;
    std::uint16_t port_ = 0;
};

/// The backend with a real address where its server calls it: the gateways of this suite have none.
std::unique_ptr<Backend> with_door(std::unique_ptr<Backend> backend);

}  // namespace junctor::test
