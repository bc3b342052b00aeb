#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"

namespace junctor {

/// Which tenants there are: those declared and, where that is configured, whoever a claim names, up to a limit. Thread-safe.
///
/// An id is worked out from the name, so that it is the same on every gateway and after every restart: stored sessions and retained
/// values carry it. Two names with one id are refused, the later one.
class Tenants {
public:
    enum class Others : std::uint8_t { refused, accepted };

    static constexpr std::size_t most = 10'000;
    static constexpr std::size_t longest_name = 256;

    explicit Tenants(Others others = Others::refused) noexcept : others_(others) {}

    /// Says what is wrong with the name; empty: nothing, and the tenant is there from now on.
    std::string declare(std::string_view name);
    /// Nothing for a tenant that is unknown and not accepted. The empty name is the default tenant.
    std::optional<TenantId> find(std::string_view name);

    /// 31 bits of a hash without a key; never 0.
    static TenantId id_of(std::string_view name) noexcept;

private:
    std::string add(std::string_view name);

    const Others others_;
    std::mutex mutex_;
    std::map<std::string, TenantId, std::less<>> ids_;
    std::map<TenantId, std::string> names_;
};

}  // namespace junctor
