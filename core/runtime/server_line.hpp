#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/bytes.hpp"

namespace junctor {

/// A lasting connection to a server that the configuration names, seen by whoever speaks its protocol. Lives on the core of its owner,
/// and never blocks it.
class ServerLine {
public:
    struct Target {
        std::string host;
        std::string port;
        bool tls = false;
        std::string ca_file{};      ///< PEM; empty: whom the system trusts
        std::string certificate{};  ///< this side's chain, PEM, with `key`; empty: none
        std::string key{};
        std::size_t receive_limit = 1 << 20;  ///< most bytes that may stay unconsumed
    };

    /// Who hears of it, on its own core and never from within a call to the line; may end the line from within any of these.
    class Owner {
    public:
        virtual void line_up() noexcept = 0;
        /// There was a connection, or there will be none: `connect` tries again.
        virtual void line_down(const std::string& why) noexcept = 0;
        /// How many bytes were consumed; the rest comes again, in front of what arrives next.
        virtual std::size_t received(Bytes bytes) noexcept = 0;

    protected:
        ~Owner() = default;
    };
    /// Runs the task on the owner's core, soon. Called from any thread; what one thread posts runs in order.
    using Post = std::function<void(std::function<void()> task)>;

    /// Closes; the owner hears nothing any more.
    virtual ~ServerLine() = default;
    /// Ends in `line_up` or `line_down`. Where a connection is there, that one is dropped.
    virtual void connect() noexcept = 0;
    /// Drops the connection without a word to the owner.
    virtual void drop() noexcept = 0;
    /// Copies. What a slow server does not take waits, without a bound: see `unsent`.
    virtual void send(Bytes bytes) noexcept = 0;
    /// Bytes of this connection that have not gone out.
    virtual std::size_t unsent() const noexcept = 0;
};

using MakeServerLine = std::function<std::unique_ptr<ServerLine>(ServerLine::Target, ServerLine::Owner&, ServerLine::Post)>;

/// Over TCP, with TLS 1.2 or 1.3 where the target says so, always verified; on a thread of its own. SetupError that names the file at fault.
std::unique_ptr<ServerLine> make_server_line(ServerLine::Target target, ServerLine::Owner& owner, ServerLine::Post post);

}  // namespace junctor
