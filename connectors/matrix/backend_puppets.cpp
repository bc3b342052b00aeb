// Who writes in the room of a topic: the user that stands for the publisher, which has to be made and brought in when it first speaks there.
// Nothing else goes out meanwhile, so that the order stays.

#include "connectors/matrix/backend.hpp"
#include "core/observe/log.hpp"
#include "core/ports/http.hpp"
#include "core/runtime/core.hpp"

namespace junctor::matrix {

void MatrixBackend::bring_in(const std::string& user, const std::string& room) {
    puppets_.state(user, room) == Puppets::State::unknown ? register_puppet(user) : join_puppet(user, room, false);
}

bool MatrixBackend::decided(const OutboundAnswer& answer, const char* what) noexcept {
    send_call_.reset();
    if (answer.failure == OutboundFailure::none && answer.response.status < 500 && answer.response.status != 429) return true;
    if (answer.failure != OutboundFailure::none || answer.response.status != 429) {
        away(std::string(what) + ": " + (answer.failure != OutboundFailure::none ? std::string(to_string(answer.failure)) : "the homeserver is in trouble"));
        return false;
    }
    core_->timers().arm(send_again_, core_->now() + pause_after(read_refusal(answer.response.body), {}));
    return false;
}

void MatrixBackend::register_puppet(const std::string& user) {
    send_call_ = homeserver_->register_puppet(user, [this, user](const OutboundAnswer& answer) {
        if (!decided(answer, "make a user")) return;
        const Refusal refusal = answer.response.status == 200 ? Refusal() : read_refusal(answer.response.body);
        const bool made = answer.response.status == 200;
        if (!made && refusal.code != "M_USER_IN_USE") {
            write_itself(user, rooms_[unsent_.front().room].id, refusal);
            return send_more();
        }
        puppets_.registered(user);
        made ? name_puppet(user) : send_more();
    });
}

/// One without a name is as good.
void MatrixBackend::name_puppet(const std::string& user) {
    send_call_ = homeserver_->name_puppet(user, unsent_.front().publisher->name, [this](const OutboundAnswer& answer) {
        send_call_.reset();
        if (answer.failure == OutboundFailure::none && answer.response.status == 200) return send_more();
        log_debug("matrix", "the homeserver does not name a user", {{"status", std::to_string(answer.response.status)}});
        send_more();
    });
}

void MatrixBackend::join_puppet(const std::string& user, const std::string& room, bool invited) {
    send_call_ = homeserver_->join_puppet(user, room, [this, user, room, invited](const OutboundAnswer& answer) {
        if (!decided(answer, "join a user")) return;
        if (answer.response.status == 200) puppets_.joined(user, room);
        else if (!invited && answer.response.status == 403) return invite_puppet(user, room);
        else write_itself(user, room, read_refusal(answer.response.body));
        send_more();
    });
}

void MatrixBackend::invite_puppet(const std::string& user, const std::string& room) {
    send_call_ = homeserver_->invite(user, room, [this, user, room](const OutboundAnswer& answer) {
        if (decided(answer, "invite a user")) join_puppet(user, room, true);
    });
}

void MatrixBackend::write_itself(const std::string& user, const std::string& room, const Refusal& refusal) {
    log_warning("matrix", "the homeserver does not let the gateway write as a user: look at the application service ('junctor registration') and who may invite",
                {{"user", user}, {"room", room}, {"code", refusal.code}, {"because", refusal.words}});
    puppets_.refused(user, room);
}

}  // namespace junctor::matrix
