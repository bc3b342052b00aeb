#pragma once

#include <boost/asio/ssl/context.hpp>

#include "core/ports/outbound.hpp"

namespace junctor::web {

/// TLS 1.2 or 1.3 as a client that always verifies.
class TrustContext final : public OutboundTrust {
public:
    /// Reads the files. SetupError that names the one at fault.
    explicit TrustContext(const OutboundTls& tls);

    /// OpenSSL counts its users itself: connections may be made from it on any thread.
    boost::asio::ssl::context& context() const noexcept { return context_; }

private:
    mutable boost::asio::ssl::context context_{boost::asio::ssl::context::tls_client};
};

}  // namespace junctor::web
