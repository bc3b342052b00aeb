#include "core/session/home_link.hpp"

#include <cassert>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "core/model/owned_draft.hpp"
#include "core/ports/mailbox.hpp"
#include "core/ports/template.hpp"
#include "core/runtime/core.hpp"

namespace junctor {
namespace {

template <class Task>
void post(Core& from, CoreId to, Task&& task) {
    Mail mail;
    mail.what = Mail::What::call;
    mail.task = std::make_unique<std::function<void(Core&)>>(std::forward<Task>(task));
    from.mailbox().post(to, std::move(mail));
}

/// A receipt that owns what it shows.
struct OwnedReceipt {
    explicit OwnedReceipt(const Receipt& shown)
        : code(shown.code),
          matches(shown.matches),
          reason(shown.reason),
          each(shown.each.begin(), shown.each.end()),
          history(shown.history.begin(), shown.history.end()) {}

    Receipt view() const noexcept { return {code, matches, reason, each, history}; }

    Errc code;
    std::uint32_t matches;
    std::string reason;
    std::vector<Errc> each;
    std::vector<HistoryOutcome> history;
};

}  // namespace

/// The session at its home. Called there only, apart from construction.
class HomeLink::StandIn final : public Session {
public:
    StandIn(const Session& wire, CoreId its_core, std::shared_ptr<Way> way, std::size_t window)
        : wire_core_(its_core), way_(std::move(way)), window_(window), name_(wire.name()), protocol_(wire.protocol()) {
        set_principal(wire.principal());
    }

    void open(Core& core, const SessionTerms& terms, const Done& done) {
        core_ = &core;
        auto verdict = core.gate().when_known(*this, Verb::connect, {}, [this, terms, done] {
            const std::unique_ptr<VerdictWait> until_opened = std::move(verdict_);
            const Result<Opened> opened = core_->gate().open(*this, terms);
            open_ = opened.has_value();
            done(opened);
        });
        if (verdict) verdict_ = std::move(verdict);
    }
    void leave(CloseReason reason, std::vector<HandedBack> undone = {}) noexcept {
        undone_ = std::move(undone);
        verdict_.reset();
        if (std::exchange(open_, false)) core_->gate().close(*this, reason);
    }
    void reached_wire(std::uint64_t group_number) noexcept { on_the_way_.erase(group_number); }
    bool is_open() const noexcept { return open_; }
    void acknowledged(std::uint64_t sequence, Progress progress) noexcept {
        if (progress == Progress::done) unacknowledged_.erase(sequence);
        if (progress == Progress::done_up_to) unacknowledged_.erase(unacknowledged_.begin(), unacknowledged_.upper_bound(sequence));
        core_->gate().acknowledge(*this, sequence, progress);
    }

    std::string_view protocol() const noexcept override { return protocol_; }
    std::string_view name() const noexcept override { return name_; }
    // The wire encodes what reaches it.
    WireVariant variant(const SubscribeOptions&) const noexcept override {
        static const WireVariant none{new_wire_family(), 0};
        return none;
    }
    void encode(const Envelope&, WireVariant, Template&) const noexcept override {}
    bool accepts(Qos) const noexcept override { return open_ && unacknowledged_.size() < window_; }

    DeliverResult deliver(const Delivery& delivery) noexcept override {
        if (delivery.sequence != 0) unacknowledged_.insert(delivery.sequence);
        Packed packed(delivery);
        if (packed.group && delivery.sequence == 0 && delivery.qos != Qos::at_most_once) {
            packed.group_number = ++last_group_number_;
            on_the_way_.emplace(packed.group_number, HandedBack{packed.envelope, packed.group});
        }
        tell([packed = std::move(packed)](HomeLink& link) mutable { link.arrived(std::move(packed)); });
        return DeliverResult::queued;
    }
    /// What the wire had not sent, then what had not reached it.
    std::vector<HandedBack> hand_back() noexcept override {
        std::vector<HandedBack> all = std::move(undone_);
        for (auto& [number, each] : on_the_way_) all.push_back(std::move(each));
        on_the_way_.clear();
        return all;
    }
    void released(std::uint64_t sequence) noexcept override {
        tell([sequence](HomeLink& link) { link.wire_.released(sequence); });
    }
    void settled(Token token, const Receipt& receipt) noexcept override {
        tell([token, owned = OwnedReceipt(receipt)](HomeLink& link) { link.wire_.settled(token, owned.view()); });
    }
    void answered(Token token, const EnvelopePtr& reply) noexcept override {
        tell([token, reply](HomeLink& link) { link.wire_.answered(token, reply); });
    }
    void revoked(const TopicFilter& filter, std::string_view reason) noexcept override {
        tell([filter, said = std::string(reason)](HomeLink& link) { link.wire_.revoked(filter, said); });
    }
    void history_read(Token token, const HistoryPage& page) noexcept override {
        tell([token, page](HomeLink& link) { link.wire_.history_read(token, page); });
    }
    void hold(bool waits) noexcept override {
        tell([waits](HomeLink& link) { link.wire_.hold(waits); });
    }
    void charge(Ref<QueueShare> share) noexcept override {
        tell([share = std::move(share)](HomeLink& link) { link.wire_.charge(share); });
    }
    void close(CloseReason reason, std::string_view text) noexcept override {
        leave(reason);
        tell([reason, said = std::string(text)](HomeLink& link) { link.wire_.close(reason, said); });
    }

    /// Runs `task` with the link, on its core, if it is still there.
    template <class Task>
    void tell(Task&& task) {
        post(*core_, wire_core_, [way = way_, told = std::forward<Task>(task)](Core&) mutable {
            if (way->link) told(*way->link);
        });
    }

private:
    const CoreId wire_core_;
    const std::shared_ptr<Way> way_;
    const std::size_t window_;
    const std::string name_;
    const std::string_view protocol_;
    Core* core_ = nullptr;
    bool open_ = false;
    std::unique_ptr<VerdictWait> verdict_;  ///< while it is not known whether it may be opened
    std::set<std::uint64_t> unacknowledged_;
    std::vector<HandedBack> undone_;
    std::map<std::uint64_t, HandedBack> on_the_way_;  ///< group messages that the wire's core has not got yet
    std::uint64_t last_group_number_ = 0;
};

HomeLink::Packed::Packed(const Delivery& delivery)
    : envelope(delivery.envelope),
      qos(delivery.qos),
      retain(delivery.retain),
      subscription_ids(delivery.subscription_ids.begin(), delivery.subscription_ids.end()),
      sequence(delivery.sequence),
      repeat(delivery.repeat),
      group(delivery.group) {}

HomeLink::~HomeLink() {
    if (way_) way_->link = nullptr;
}

template <class Task>
void HomeLink::at_home(Task&& task) {
    post(here_, here_.home_of(wire_.principal()->tenant, wire_.name()),
         [stand_in = stand_in_, asked = std::forward<Task>(task)](Core& core) mutable { asked(core, *stand_in); });
}

void HomeLink::open(const SessionTerms& terms, std::size_t window, const Done& done) {
    assert(!direct_ && !way_);
    const CoreId home = wire_.name().empty() ? here_.id() : here_.home_of(wire_.principal()->tenant, wire_.name());
    if (home == here_.id()) {
        auto verdict = here_.gate().when_known(wire_, Verb::connect, {}, [this, terms, done] { open_here(terms, done); });
        if (verdict) verdict_ = std::move(verdict);
        return;
    }
    way_ = std::make_shared<Way>(Way{this});
    stand_in_ = std::make_shared<StandIn>(wire_, here_.id(), way_, window);
    at_home([terms, done](Core& core, StandIn& stand_in) {
        stand_in.open(core, terms, [&stand_in, done](const Result<Opened>& opened) {
            stand_in.tell([opened, done](HomeLink& link) {
                if (!opened) link.way_.reset();
                done(opened);
            });
        });
    });
}

void HomeLink::open_here(const SessionTerms& terms, const Done& done) {
    const std::unique_ptr<VerdictWait> until_opened = std::move(verdict_);
    const Result<Opened> opened = here_.gate().open(wire_, terms);
    direct_ = opened.has_value();
    done(opened);
}

void HomeLink::close(CloseReason reason) noexcept {
    verdict_.reset();
    if (std::exchange(direct_, false)) here_.gate().close(wire_, reason);
    waiting_.clear();
    if (!way_) return;
    way_->link = nullptr;
    way_.reset();
    at_home([reason, undone = wire_.hand_back()](Core&, StandIn& stand_in) mutable { stand_in.leave(reason, std::move(undone)); });
}

void HomeLink::change_expiry(Duration expiry) noexcept {
    if (direct_) return here_.gate().change_expiry(wire_, expiry);
    at_home([expiry](Core& core, StandIn& stand_in) {
        if (stand_in.is_open()) core.gate().change_expiry(stand_in, expiry);
    });
}

void HomeLink::ready() noexcept {
    if (direct_) return here_.gate().ready(wire_);
    while (!waiting_.empty() && wire_.accepts(waiting_.front().qos)) hand_over(waiting_.pop_front());
    if (std::exchange(ready_, true)) return;
    at_home([](Core& core, StandIn& stand_in) {
        if (stand_in.is_open()) core.gate().ready(stand_in);
    });
}

void HomeLink::acknowledge(std::uint64_t sequence, Progress progress) noexcept {
    if (direct_) return here_.gate().acknowledge(wire_, sequence, progress);
    at_home([sequence, progress](Core&, StandIn& stand_in) {
        if (stand_in.is_open()) stand_in.acknowledged(sequence, progress);
    });
}

void HomeLink::publish(Draft&& draft, Token token) noexcept {
    if (direct_) return here_.gate().publish(wire_, std::move(draft), token);
    at_home([owned = std::make_shared<OwnedDraft>(std::move(draft)), token](Core& core, StandIn& stand_in) {
        if (stand_in.is_open()) core.gate().publish(stand_in, std::move(owned->draft), token);
    });
}

void HomeLink::request(Draft&& draft, Duration timeout, Token token) noexcept {
    if (direct_) return here_.gate().request(wire_, std::move(draft), timeout, token);
    at_home([owned = std::make_shared<OwnedDraft>(std::move(draft)), timeout, token](Core& core, StandIn& stand_in) {
        if (stand_in.is_open()) core.gate().request(stand_in, std::move(owned->draft), timeout, token);
    });
}

void HomeLink::subscribe(const SubscribeRequest& request, Token token) noexcept {
    if (direct_) return here_.gate().subscribe(wire_, {&request, 1}, token);
    at_home([request, token](Core& core, StandIn& stand_in) {
        if (stand_in.is_open()) core.gate().subscribe(stand_in, {&request, 1}, token);
    });
}

void HomeLink::unsubscribe(const TopicFilter& filter, Token token) noexcept {
    if (direct_) return here_.gate().unsubscribe(wire_, {&filter, 1}, token);
    at_home([filter, token](Core& core, StandIn& stand_in) {
        if (stand_in.is_open()) core.gate().unsubscribe(stand_in, {&filter, 1}, token);
    });
}

void HomeLink::history(const HistoryQuestion& question, Token token) noexcept {
    if (direct_) return here_.gate().history(wire_, question, token);
    at_home([question, token](Core& core, StandIn& stand_in) {
        if (stand_in.is_open()) core.gate().history(stand_in, question, token);
    });
}

// Those with a number keep their order, and come when the wire says that it takes them; any other is the wire's own to keep.
void HomeLink::arrived(Packed&& packed) noexcept {
    if (packed.group_number != 0) at_home([number = packed.group_number](Core&, StandIn& stand_in) { stand_in.reached_wire(number); });
    const bool must_wait = packed.sequence != 0 && (!waiting_.empty() || !wire_.accepts(packed.qos));
    if (must_wait) return waiting_.push_back(std::move(packed));
    hand_over(packed);
}

void HomeLink::hand_over(const Packed& packed) noexcept {
    SubscribeOptions options;
    options.max_qos = packed.qos;
    Template encoded;
    wire_.encode(*packed.envelope, wire_.variant(options), encoded);
    wire_.deliver({packed.envelope, encoded, packed.qos, packed.retain, packed.subscription_ids, packed.sequence, packed.repeat,
                   packed.group.get()});
}

}  // namespace junctor
