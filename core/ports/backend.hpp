#pragma once

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "core/model/envelope.hpp"
#include "core/model/history_rules.hpp"
#include "core/model/topic_filter.hpp"
#include "core/ports/host.hpp"
#include "core/ports/session.hpp"

namespace junctor {

class Core;
class MailReceiver;
class Outbound;

/// What a backend can promise. `check` refuses a configuration that asks for more.
struct BackendTraits {
    Qos max_qos = Qos::at_most_once;
    bool wildcards = false;
    bool retained = false;
    bool shared_groups = false;
    bool history = false;        ///< all that is published comes here, wanted or not, and what was before can be told: histories can be kept
    bool ordered = false;
    bool durable = false;
    bool headers = false;        ///< what stands in `Extras` crosses, and so does who published (for no-local) and the hop path
    bool on_every_core = false;  ///< an instance per core that needs no connection; else one instance on one core
    std::size_t max_payload = 0;
};

/// Where a question to the backend came from; comes back with its answer.
struct BackendTicket {
    SessionId session;
    Token token;
};

struct BackendReceipt {
    BackendTicket ticket;
    Errc code = Errc::ok;
    std::uint32_t matches = 0;
    std::uint64_t commit = 0;  ///< `Delivered::commit`, where the backend takes a message by delivering it
};

/// What became of a message for this gateway's subscribers.
struct Delivered {
    std::uint32_t matches = 0;
    std::uint64_t commit = 0;  ///< names what is still to be stored of it; 0: nothing
};

/// A message that a remote backend brings: another gateway's, this one's own that comes back, or a stranger's. Its views are valid
/// during the call.
struct Arrival {
    Draft draft;                         ///< `Extras::hops` as the wire says
    SessionId origin;                    ///< who of this gateway published it, where that is known
    const TopicFilter* group = nullptr;  ///< the shared filter that it came by: only for that group's members; `Draft::passes` counts
    bool replayed = false;               ///< a retained value that stood before: who has it already does not get it again
    bool past = false;                   ///< only for histories that have just begun, oldest first: it was published before this gateway came
    bool told = false;                   ///< for everybody but histories: they have it as `past`
    Duration age{};                      ///< of what is `past`
    Token receipt;                       ///< not 0: `Backend::stored` says when all who keep it have it durably
};

/// What a backend tells the core. Implemented by the router; called on the backend's core only.
class BackendSink {
public:
    /// A message for this gateway's subscribers, of a backend that takes messages by delivering them.
    virtual Delivered deliver(const EnvelopePtr& envelope) noexcept = 0;
    /// The same of a remote backend.
    virtual void arrived(Arrival&& arrival) noexcept = 0;
    /// Publishers hear of it, those whose message is still to be stored when it is.
    virtual void taken(std::span<const BackendReceipt> receipts) noexcept = 0;
    /// What is published from now on, here or elsewhere, arrives; retained values under the filter have arrived already.
    virtual void subscribed(const TopicFilter& filter, std::string_view group, Errc code) noexcept = 0;
    /// Away or back: publishers get Errc::unavailable meanwhile. At first it is away, unless it lives on every core. With each coming
    /// back the core subscribes to all that it wants once more; questions that went unanswered are answered by then or forgotten.
    virtual void available(bool yes) noexcept = 0;
    /// Of the retained values under the filter, only those of these topics stand (still).
    virtual void retained_are(const TopicFilter&, const std::set<std::string, std::less<>>&) noexcept {}

    // Of a backend with the trait `history`.

    /// Of what histories are kept here.
    virtual HistoryRulesPtr history_rules() const noexcept { return std::make_shared<const HistoryRules>(); }
    /// What comes from here on does not join what came before: the histories begin anew, and are told the past like those that were new.
    virtual void history_broken() noexcept {}
    /// All that is to be told of the past has arrived; what comes from here on joins it.
    virtual void past_told() noexcept {}

protected:
    ~BackendSink() = default;
};

/// Where a backend lives. What lives on every core gets its core and no more.
struct BackendPlace {
    Core& core;
    std::string gateway;   ///< this gateway's name in hop paths
    bool lasting = false;  ///< the name is the same after a restart: what the other side keeps for it is not in vain
    /// Runs the task on the core, soon. From any thread; what is posted by one thread runs in order.
    std::function<void(std::function<void()> task)> post;
    Outbound* outbound = nullptr;  ///< the gateway's HTTP requests; outlives the backend. Null: whoever needs it makes its own
    std::string bridge = {};  ///< serves the bridge of that name and joins no gateways: nothing under `$` crosses; empty: it joins them
};

/// Where the server of a backend calls the gateway. A backend that has one declares it in its section `listen`, to which `tls` is added.
struct BackendDoor {
    Address address;
    std::string who;    ///< may come in, for people
    std::string proof;  ///< a command that shows it working, with `URL` in the place of scheme and address
};

/// What carries messages between gateways (DESIGN 2). Called on its own core only; nothing here blocks.
/// Only interest crosses: 0 <-> 1 subscribers of this gateway per (filter, group).
///
/// A remote one carries topics under `$inbox/`, `$to/` and `$backbone/` as well, to every gateway whose `gateway` name stands in the
/// second level of the first, and to all gateways otherwise, without being asked to.
class Backend {
public:
    virtual ~Backend() = default;
    virtual BackendTraits traits() const noexcept = 0;
    /// On the main thread, before the process listens and before `start`: a remote one that its server calls registers where. What it
    /// registers may be called on any core, before `start` and after `stop` too. Throws SetupError.
    virtual void open(Host&) {}
    /// Where that is; nothing: its server does not call it.
    virtual std::optional<BackendDoor> door() const { return {}; }
    /// A remote one begins to connect.
    virtual void start(BackendSink& sink, const BackendPlace& place) = 0;
    virtual void stop() noexcept = 0;
    /// Ends in one receipt: `BackendSink::taken`, at once or later. The receipt means that the backend has the message.
    virtual void publish(const EnvelopePtr& envelope, BackendTicket ticket) noexcept = 0;
    /// With the trait `shared_groups`: what came for a group that has nobody here who takes it, to members of that group at another gateway: there it
    /// arrives with one more of `Draft::passes`, and the hop path that it has here, or this gateway's name where it has none. Taken while the backend is
    /// away, too: it goes when that is back. Ends in one receipt, later, with 0 matches where nobody has that group any more. False: it cannot go, and no receipt comes.
    virtual bool pass_on(const TopicFilter&, const EnvelopePtr&, BackendTicket) noexcept { return false; }
    virtual void subscribe(const TopicFilter& filter, std::string_view group) noexcept = 0;
    virtual void unsubscribe(const TopicFilter& filter, std::string_view group) noexcept = 0;
    /// The other side has all that it was given, and knows what was given up here: nothing more comes by that. A gateway that ends waits for it.
    virtual bool has_left() const noexcept { return true; }
    /// The arrival with this receipt is where it has to be: the other side need not keep it any longer.
    virtual void stored(Token) noexcept {}
    /// Before `start`: there are histories that begin, and want to be told what was published before: `Arrival::past`, then `past_told`.
    virtual void recall() noexcept {}

    /// This gateway's name among those that the backend joins; empty: it joins none.
    virtual std::string_view scope() const noexcept { return {}; }
    /// Of a backend with a part on every core: who reads the mail that its parts send each other (`Mail::What::backend_...`).
    virtual MailReceiver* mail() noexcept { return nullptr; }
};

}  // namespace junctor
