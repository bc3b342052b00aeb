#pragma once

#include <functional>

#include "core/base/ids.hpp"
#include "core/model/envelope.hpp"
#include "core/model/history_page.hpp"
#include "core/ports/session.hpp"

namespace junctor {

class Core;

/// What mail about a history carries: a question, then its answer.
struct HistoryMail {
    HistoryQuestion question;
    HistoryPage page;
};

/// What one core may tell another. Small and by value: it lies in a ring.
struct Mail {
    enum class What : std::uint8_t {
        message,        ///< an envelope for the receiver's subscribers (and its retained replica); `stored` is the answer to a token
        retain,         ///< an envelope only for the receiver's retained replica; likewise
        stored,         ///< what came with `token` is durable as far as it is the sender's
        send,           ///< an envelope for one subscriber there
        direct,         ///< an envelope for the session named by its topic ($to/, $inbox/)
        group_message,  ///< an envelope for one of the receiver's members of the group `group`; `group_refused` when there is none
        group_refused,  ///< none of the sender's members takes the envelope now
        group_back,     ///< an envelope that a member of the group `text` had not got done, to the group's home
        group_count,    ///< so many members the sender has
        group_arrival,  ///< an envelope that the backend brought for the group `text`, to the group's home; `stored` answers a token
        evict,          ///< the session `text` of the receiver was opened at another gateway, by the principal `other`
        backend_publish,      ///< to the backend's home: an envelope; `session` and `token` come back with `backend_taken`
        backend_pass_on,      ///< the same, for members elsewhere of the group `text`
        backend_taken,        ///< how that ended: `code`, and `count` matches
        backend_interest,     ///< to the backend's home: the sender wants what matches `text`; answered by `backend_confirmed`
        backend_no_interest,
        backend_confirmed,    ///< the answer for `text` is `code`
        backend_recall,       ///< to the backend's home: a history of the sender begins
        backend_state,        ///< `count`: 1 the backend is there, 0 it is away
        keep,           ///< an envelope for a history whose home the receiver is, and through it for everybody; `stored` is the answer to a token
        history_asked,  ///< the history's home is asked `history->question`; `history_read` is the answer to the token
        history_read,   ///< the answer is `history->page`
        past,           ///< an envelope for a history that has just begun there; none: histories begin anew (`count` 0) or have been told all (1)
        settle,         ///< how a forwarded `send` or `direct` ended: `code`, `token`, `session`
        interest,       ///< the sender now wants what matches `text`, perhaps for `durable` sessions; answer with `interested`
        no_interest,
        interested,     ///< the answer to `token` is `code`
        call,           ///< run `task`
    };

    What what = What::call;
    Errc code = Errc::ok;
    bool durable = false;
    CoreId from;
    std::uint16_t parts = 0;  ///< not 0: what the receiver stores of the envelope joins `transaction` (StoreBatch::Joint)
    TenantId tenant;
    std::uint32_t count = 0;
    EnvelopePtr envelope;
    SessionId session;
    Token token;
    std::uint64_t transaction = 0;
    std::uint64_t group = 0;  ///< as its home numbers it
    Ref<const SharedGroup> group_name;  ///< of a group message, and of its refusal: the group may have gone meanwhile
    std::unique_ptr<std::string> text;
    std::unique_ptr<std::string> other;
    std::unique_ptr<std::function<void(Core&)>> task;
    std::unique_ptr<HistoryMail> history;
};

/// The ways out of one core: one first-in-first-out path to every other. Called on that core only.
/// Never blocks and never refuses; what does not fit the ring waits on this side, and reading pauses meanwhile.
class Mailbox {
public:
    virtual ~Mailbox() = default;
    virtual void post(CoreId to, Mail&& mail) noexcept = 0;
};

/// Who reads a core's mail: the router. Called by the loop, or the simulation, for one mail after the other of each sender.
class MailReceiver {
public:
    virtual void receive(Mail&& mail) noexcept = 0;

protected:
    ~MailReceiver() = default;
};

}  // namespace junctor
