#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/base/ring.hpp"
#include "core/ports/gate.hpp"

namespace junctor {

class Core;

/// A session's way to the Gate where its wire cannot move to its home: a socket that serves many, a request under way.
///
/// A named session whose home is another core is opened there by a stand-in, and everything between the two goes by mail, in order.
/// Any other session speaks to the Gate of its own core directly. The session sees no difference, except that answers come later.
/// Lives on the wire's core; `wire` outlives it, and has its principal before `open`.
class HomeLink {
public:
    using Done = std::function<void(const Result<Opened>&)>;

    HomeLink(Core& here, Session& wire) noexcept : here_(here), wire_(wire) {}
    /// While open only at the process's end, when no core runs any more.
    ~HomeLink();
    HomeLink(const HomeLink&) = delete;
    HomeLink& operator=(const HomeLink&) = delete;

    /// `done` is called once, perhaps before this returns, and not after `close`. `window`: most deliveries with a sequence that
    /// are to come without having been acknowledged.
    void open(const SessionTerms& terms, std::size_t window, const Done& done);
    /// No call comes to the session any more when this returns.
    void close(CloseReason reason) noexcept;

    // As those of Gate; only between `done` and `close`.
    void change_expiry(Duration expiry) noexcept;
    void ready() noexcept;
    void acknowledge(std::uint64_t sequence, Progress progress) noexcept;
    void publish(Draft&& draft, Token token) noexcept;
    void request(Draft&& draft, Duration timeout, Token token) noexcept;
    void subscribe(const SubscribeRequest& request, Token token) noexcept;
    void unsubscribe(const TopicFilter& filter, Token token) noexcept;
    void history(const HistoryQuestion& question, Token token) noexcept;

private:
    class StandIn;
    /// What of a delivery travels.
    struct Packed {
        EnvelopePtr envelope;
        Qos qos = Qos::at_most_once;
        bool retain = false;
        std::vector<std::uint32_t> subscription_ids;
        std::uint64_t sequence = 0;
        Repeat repeat = Repeat::no;
        Ref<const SharedGroup> group;
        std::uint64_t group_number = 0;  ///< of a group's message that another member may get: told back when it is here

        Packed() = default;
        explicit Packed(const Delivery& delivery);
    };
    /// How mail finds back: null from `close` on. Used on the wire's core only.
    struct Way {
        HomeLink* link;
    };

    template <class Task>
    void at_home(Task&& task);
    void open_here(const SessionTerms& terms, const Done& done);
    void arrived(Packed&& packed) noexcept;
    void hand_over(const Packed& packed) noexcept;

    Core& here_;
    Session& wire_;
    std::unique_ptr<VerdictWait> verdict_;  ///< while it is not known whether it may be opened here
    bool direct_ = false;                ///< open at this core's own gate
    std::shared_ptr<Way> way_;           ///< open elsewhere, as are the next two
    std::shared_ptr<StandIn> stand_in_;
    Ring<Packed> waiting_;               ///< numbered deliveries that the wire did not accept yet
    bool ready_ = false;
};

}  // namespace junctor
