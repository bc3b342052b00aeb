#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "connectors/matrix/backend_settings.hpp"
#include "core/ports/backend.hpp"

namespace junctor::matrix {

/// Makes the HTTP client by which a backend asks. Whoever drops it ends its requests: nothing is answered any more.
using MakeOutbound = std::function<std::shared_ptr<Outbound>(const BackendPlace& place)>;

/// The gateway's; where there is no gateway, one of its own (`OutboundClient`), with a thread.
std::shared_ptr<Outbound> make_outbound(const BackendPlace& place);

/// The requests of a gateway to its homeserver, all with its token. On the core that made it.
class Homeserver {
public:
    using Call = std::unique_ptr<OutboundCall>;

    Homeserver(const BackendSettings& settings, std::shared_ptr<Outbound> outbound, CoreId home);

    Call who(OutboundDone done) const;
    Call join(const std::string& room, OutboundDone done) const;
    /// A room that only the invited can join, with that alias.
    Call create(const std::string& alias, OutboundDone done) const;
    Call position(const std::string& user, const std::string& name, OutboundDone done) const;
    Call keep_position(const std::string& user, const std::string& name, const std::string& position, OutboundDone done) const;
    /// The same for the transactions that were pushed.
    Call transactions(const std::string& user, const std::string& name, OutboundDone done) const;
    /// `order`: an object's text beside them, or nothing.
    Call keep_transactions(const std::string& user, const std::string& name, const std::vector<std::string>& ids, const std::string& order, OutboundDone done) const;
    /// The gateway's own user as an application service; 400 M_USER_IN_USE where it is there already.
    Call register_itself(OutboundDone done) const;
    /// Answered when the homeserver has reached the gateway by its own way; then it sends what it could not send before.
    Call ping(OutboundDone done) const;
    /// `since` empty: from now on. Waits up to `wait` for something to happen.
    Call sync(const std::string& filter, const std::string& since, Duration wait, OutboundDone done) const;
    /// Events before `from` (empty: all there are), newest first, down to `to` (empty: the first one).
    Call messages(const std::string& room, const std::string& from, const std::string& to, const std::string& filter, OutboundDone done) const;
    /// The last few events.
    Call newest(const std::string& room, const std::string& filter, OutboundDone done) const;
    Call event(const std::string& room, const std::string& id, OutboundDone done) const;
    /// As the application service: a user of that name; 400 M_USER_IN_USE where it is there already.
    Call register_puppet(const std::string& user, OutboundDone done) const;
    /// How people see it.
    Call name_puppet(const std::string& user, const std::string& name, OutboundDone done) const;
    Call join_puppet(const std::string& user, const std::string& room, OutboundDone done) const;
    /// By the gateway's own user.
    Call invite(const std::string& user, const std::string& room, OutboundDone done) const;
    /// As that puppet; empty: as the gateway's own user. The same transaction again is the same event: the homeserver makes it once.
    Call send(const std::string& puppet, const std::string& room, std::string_view type, const std::string& transaction, std::string_view content, OutboundDone done) const;
    /// A retained value. The same content again is the same event, where nobody has changed it meanwhile.
    Call send_state(const std::string& room, std::string_view type, const std::string& key, std::string_view content, OutboundDone done) const;
    /// All that stands in the room.
    Call state(const std::string& room, OutboundDone done) const;

private:
    Call keep(const std::string& user, const std::string& name, const std::string& document, OutboundDone done) const;
    OutboundRequest request(const char* method, std::string path, std::string_view body = {}) const;
    OutboundRequest request_as(const std::string& puppet, const char* method, std::string path, std::string_view body) const;
    Call ask(OutboundRequest request, OutboundDone done) const { return outbound_->send(home_, std::move(request), std::move(done)); }

    const BackendSettings& settings_;
    std::shared_ptr<Outbound> outbound_;
    OutboundTrustPtr trust_;
    CoreId home_;
};

}  // namespace junctor::matrix
