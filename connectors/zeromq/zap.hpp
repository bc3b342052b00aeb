#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connectors/zeromq/codec_zap.hpp"
#include "connectors/zeromq/socket.hpp"
#include "connectors/zeromq/zap_users.hpp"
#include "core/model/principal.hpp"
#include "core/ports/authenticator.hpp"
#include "core/runtime/core.hpp"

namespace junctor::zeromq {

/// Answers libzmq's questions who a connection is (ZAP), for all sockets that come from one `Sockets`: the policy decides, and every message of a
/// connection then says by `Socket::user` which and whose it is. Lives on one core, that of the doors.
///
/// Bound before any door, on the main thread; from `start` on it belongs to the core.
class Zap : public std::enable_shared_from_this<Zap> {
public:
    /// Hears that a connection is about to get its name, when libzmq has told of it and of all that came or went before it. On the core.
    class Witness {
    public:
        virtual void naming() noexcept = 0;

    protected:
        ~Witness() = default;
    };

    Zap(Sockets& sockets, Host& host, CoreId home, std::string connector);
    Zap(const Zap&) = delete;
    Zap& operator=(const Zap&) = delete;

    /// Begins to answer. Called after `Door::start` of every door: who came before a door had begun must get no name before that door has heard of it.
    void start();
    void stop() noexcept;

    /// Who a connection was found to be; null: nobody known. On the core. As `ZapUsers::find`.
    PrincipalRef find(std::string_view user) noexcept;
    /// As `ZapUsers::named`.
    std::uint64_t named() const noexcept { return users_ ? users_->named() : 0; }

    /// On the core, until it is removed.
    void add(Witness& witness) { witnesses_.push_back(&witness); }
    void remove(Witness& witness) noexcept { std::erase(witnesses_, &witness); }

private:
    /// A question that the policy has not answered yet.
    struct Open {
        ByteBuffer route;
        ByteBuffer id;
        std::unique_ptr<Authentication> conversation;
        bool answered = false;
    };

    void serve() noexcept;
    /// In another turn; `kept` lives until then.
    void serve_soon(std::shared_ptr<Open> kept = {}) noexcept;
    void ask(const ZapRequest& request);
    void decided(Open& open, AuthenticationStep step) noexcept;
    void answer(Bytes route, Bytes id, std::string_view status, std::string_view text, std::string_view user) noexcept;

    Host& host_;
    const CoreId home_;
    const std::string connector_;
    const std::unique_ptr<Socket> socket_;
    Core* core_ = nullptr;
    std::unique_ptr<DescriptorWatch> watch_;
    std::vector<std::shared_ptr<Open>> open_;
    std::vector<Witness*> witnesses_;
    std::unique_ptr<ZapUsers> users_;  ///< from `start` on
};

}  // namespace junctor::zeromq
