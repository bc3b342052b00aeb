#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/result.hpp"

namespace junctor {

/// Why the gateway did not do what it was asked. Every connector's mapping turns each value into its own idiom (a table, tested).
enum class Errc : std::uint8_t {
    ok = 0,
    bad_topic,          ///< not a topic name (DESIGN 3)
    bad_filter,         ///< not a topic filter
    bad_request,        ///< the operation itself is malformed
    denied,             ///< the policy said no
    no_receivers,       ///< addressed to one, and nobody is there
    expired,            ///< its time was over before it could be handed on
    timed_out,          ///< a request that nobody answered in time
    too_large,          ///< over a size limit
    quota_exceeded,     ///< over a count or rate limit
    overloaded,         ///< the gateway sheds load; try again later
    unavailable,        ///< the backend is away
    unsupported,        ///< this backend or this wire cannot do it
    name_kept,          ///< a durable session has the name, and nothing of it is to be discarded
    shutting_down,      ///< the gateway drains
};

/// `denied`, `bad_topic`, ...: the code as clients see it in JSON and in metrics labels.
std::string_view to_string(Errc code) noexcept;

const boost::system::error_category& gateway_category() noexcept;
inline ErrorCode make_error_code(Errc code) noexcept { return {static_cast<int>(code), gateway_category()}; }

}  // namespace junctor

template <>
struct boost::system::is_error_code_enum<junctor::Errc> : std::true_type {};
