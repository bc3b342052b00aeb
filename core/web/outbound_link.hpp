#pragma once

#include <functional>
#include <memory>

#include "core/ports/outbound.hpp"

namespace junctor::web {

/// One connection to a server, as the pool sees it: an exchange at a time. On the thread of the pool.
class OutboundLink {
public:
    /// How an exchange left the connection.
    struct Ending {
        bool reusable = false;  ///< it may carry another one
        bool silent = false;    ///< it was lost before a single byte of the answer came
    };

    /// Who hears of it. The link may be destroyed from within any of these.
    class User {
    public:
        /// Name found, connected and, with TLS, trusted: the request goes out.
        virtual void connected() noexcept = 0;
        virtual void finished(OutboundAnswer answer, Ending ending) noexcept = 0;
        /// Between two exchanges the server has closed, or said something that nobody asked for.
        virtual void gone() noexcept = 0;

    protected:
        ~User() = default;
    };

    struct Exchange {
        std::shared_ptr<const ByteBuffer> wire;  ///< the request
        std::size_t max_body = 0;
        bool bodiless = false;  ///< a HEAD
    };

    /// Closes; the user hears nothing any more.
    virtual ~OutboundLink() = default;
    /// Connects where it is the first one. The user hears later, not from within this call.
    virtual void begin(const Exchange& exchange) noexcept = 0;
};

/// Makes a connection that is not connected yet.
using OutboundDial = std::function<std::unique_ptr<OutboundLink>(OutboundLink::User&)>;

}  // namespace junctor::web
