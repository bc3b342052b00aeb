#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "connectors/rest/settings.hpp"
#include "core/model/principal.hpp"
#include "core/ports/authenticator.hpp"
#include "core/ports/http.hpp"

namespace junctor::rest {

class Member;
class Speaker;

/// One core's share of a REST connector: finds out who asks, and owns the sessions that act for them.
class Desk {
public:
    Desk(Core& core, const Settings& settings);
    ~Desk();

    // The routes' handlers.
    void publish(const std::shared_ptr<HttpExchange>& exchange);
    void request(const std::shared_ptr<HttpExchange>& exchange);
    void read(const std::shared_ptr<HttpExchange>& exchange);
    void read_history(const std::shared_ptr<HttpExchange>& exchange);
    void end_session(const std::shared_ptr<HttpExchange>& exchange);
    void admit(const std::shared_ptr<HttpExchange>& exchange);

    // The members' side.
    Core& core() noexcept { return core_; }
    void remove(Member& member) noexcept;
    /// Counts a problem under its status, and gives it back.
    HttpResponse counted(HttpResponse response);

private:
    using Known = std::function<void(PrincipalRef)>;
    struct Login;

    void identify(const std::shared_ptr<HttpExchange>& exchange, Known known);
    void identified(const std::shared_ptr<Login>& login, AuthenticationStep step);
    void publish_as(const std::shared_ptr<HttpExchange>& exchange, const PrincipalRef& who, bool wants_reply);
    void read_as(const std::shared_ptr<HttpExchange>& exchange, const PrincipalRef& who);
    void read_history_as(const std::shared_ptr<HttpExchange>& exchange, const PrincipalRef& who);
    void end_session_as(const std::shared_ptr<HttpExchange>& exchange, const PrincipalRef& who);
    void nothing_retained(const std::shared_ptr<HttpExchange>& exchange, const std::string& filter, bool wildcard);
    /// `use` gets an open speaker, perhaps later; where the gate does not let it in the exchange is answered instead.
    void with_speaker(const PrincipalRef& who, const std::shared_ptr<HttpExchange>& exchange, std::function<void(Speaker&)> use);
    void refuse(HttpExchange& exchange, Errc code, std::string_view detail = {});

    template <class Kind, class... Arguments>
    Kind& add(Arguments&&... arguments);

    Core& core_;
    const Settings& settings_;
    std::unordered_map<const Member*, std::unique_ptr<Member>> members_;
    std::vector<Speaker*> speakers_;
    std::vector<std::shared_ptr<Login>> logins_;    ///< under way
    std::vector<std::shared_ptr<Login>> finished_;  ///< ended within their own call; gone with the next one
};

Errc errc_of(const ErrorCode& error) noexcept;

}  // namespace junctor::rest
