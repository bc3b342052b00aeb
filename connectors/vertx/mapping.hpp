#pragma once

#include <optional>
#include <string>

#include "connectors/vertx/backend_mapping.hpp"
#include "core/model/close_reason.hpp"
#include "core/model/topic_filter.hpp"
#include "core/ports/authenticator.hpp"

namespace junctor::vertx {

/// Where a client logs in: a `send` with a body of `username` and `password`, or a `token`.
inline constexpr std::string_view login_address = "vertx.basicauthmanager.login";
inline constexpr std::int64_t login_failed = 401;

/// The draft of a client's send or publish; `timeout` as its headers say, where they do. False where address or body are none.
bool draft_of(const Frame& frame, TenantId tenant, ArrivedMessage& out, Duration& timeout);

/// What is registered: the address as it is, never a wildcard. Errc::bad_filter.
Result<TopicFilter> filter_of(std::string_view address, TenantId tenant);

/// How a message shows itself to a client. Nothing where it has crossed too many.
std::optional<OnBus> shown(const Envelope& envelope, TimePoint now);

/// What a receiver said instead of an answer.
struct Failure {
    std::int64_t code = -1;
    std::string message;
};
std::optional<Failure> failure_in(const Envelope& reply);

/// The error that a client hears.
std::string_view reason_of(FaultKind kind) noexcept;
std::string_view reason_of(Errc code) noexcept;
std::string_view failure_type_of(Errc code) noexcept;

/// What a login shows; false where it shows nothing.
bool read_login(const Frame& frame, Credentials& into);

/// Whether the end of a connection is told in an error before it.
bool told_before_close(CloseReason reason) noexcept;

}  // namespace junctor::vertx
