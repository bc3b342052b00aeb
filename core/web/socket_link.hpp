#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "core/web/outbound_link.hpp"
#include "core/web/outbound_trust.hpp"

namespace junctor::web {

/// Where a link leads and whom it believes.
struct LinkTarget {
    Url url;
    bool configured = false;  ///< OutboundRequest::configured
    std::shared_ptr<const TrustContext> trust;
};

/// A link over TCP, with TLS where the URL says so. Lives on the thread that runs `io`.
std::unique_ptr<OutboundLink> make_socket_link(boost::asio::io_context& io, LinkTarget target, OutboundLink::User& user);

}  // namespace junctor::web
