#include "policy/last_words.hpp"

#include <algorithm>
#include <vector>

#include "core/observe/log.hpp"
#include "core/observe/metrics.hpp"
#include "core/runtime/core.hpp"

namespace junctor {
namespace {

struct Metered {
    Gauge words = gauge("junctor_wills_due", "Wills that are due and not yet taken");
    Gauge bytes = gauge("junctor_wills_due_bytes", "Bytes held by wills that are due and not yet taken");
    Counter lost = counter("junctor_messages_dropped_total", "Messages that were not delivered, by reason", {{"reason", "will_given_up"}});
};

const Metered& metered() {
    static const Metered all;
    return all;
}

/// What is refused so may be taken a little later.
bool passes(Errc code) noexcept {
    return code == Errc::quota_exceeded || code == Errc::overloaded || code == Errc::unavailable || code == Errc::shutting_down;
}

std::size_t footprint(const Will& will) noexcept {
    return sizeof(LastWord) + will.topic.size() + will.payload.size() + (will.draft.extras ? sizeof(Extras) + will.draft.extras->footprint() : 0);
}

}  // namespace

LastWord::LastWord(LastWords& owner, std::string name, std::string_view protocol, PrincipalRef who, std::unique_ptr<Will> will, SessionId origin)
    : Departed(std::move(name), protocol, std::move(who)), owner_(owner), will_(std::move(will)), origin_(origin) {}

std::size_t LastWord::bytes() const noexcept { return footprint(*will_); }

Draft LastWord::draft() const {
    Draft draft;
    draft.topic = *Topic::parse(principal()->tenant, will_->topic);
    draft.payload = will_->payload;
    draft.qos = will_->draft.qos;
    draft.retain = will_->draft.retain;
    draft.kind = will_->draft.kind;
    draft.ttl = will_->draft.ttl;
    if (will_->draft.extras) draft.extras = std::make_unique<Extras>(*will_->draft.extras);
    return draft;
}

void LastWord::settled(Token, const Receipt& receipt) noexcept { owner_.settle(*this, receipt.code); }

LastWords::LastWords(Core& core, SessionJournal& records, Owner& owner) : core_(core), records_(records), owner_(owner) {
    core.journal().add(*this);
}

void LastWords::count(std::int64_t words, std::int64_t bytes) noexcept {
    bytes_ += static_cast<std::size_t>(bytes);
    core_.metrics().add(metered().words, words);
    core_.metrics().add(metered().bytes, bytes);
}

LastWord* LastWords::find(SessionId id) const noexcept {
    const auto found = words_.find(id);
    return found == words_.end() ? nullptr : found->second.get();
}

LastWord* LastWords::add(const Session& from, std::unique_ptr<Will> will) {
    if (bytes_ + footprint(*will) > core_.limits().undecided) {
        core_.metrics().add(metered().lost);
        log_warning("policy", "a will is given up: too many wait to be taken", {{"session", std::string(from.name())}, {"topic", will->topic}});
        return nullptr;
    }
    return &open(std::make_unique<LastWord>(*this, std::string(from.name()), from.protocol(), from.principal(), std::move(will), from.id()));
}

void LastWords::restore(PrincipalRef who, std::unique_ptr<Will> will) {
    if (!Topic::parse(who->tenant, will->topic)) return;
    LastWord& word = open(std::make_unique<LastWord>(*this, std::string(), "restart", std::move(who), std::move(will), SessionId()));
    word.waits_ = true;
    if (!retry_.armed()) core_.timers().arm(retry_, core_.now());
}

LastWord& LastWords::open(std::unique_ptr<LastWord> word) {
    owner_.opened(*word);
    count(1, static_cast<std::int64_t>(word->bytes()));
    record(*word);
    return *(words_[word->id()] = std::move(word));
}

void LastWords::record(LastWord& word) {
    if (word.recorded_ || !records_.stores() || word.qos() == Qos::at_most_once) return;
    records_.will(word.id(), word.will_.get(), word.principal());
    word.recorded_ = true;
}

void LastWords::erase(LastWord& word) noexcept {
    if (std::exchange(word.recorded_, false)) records_.will(word.id(), nullptr, nullptr);
}

/// At QoS 1 a crash may double it, which is better than that nobody hears of it while the disk is full.
bool LastWords::go(LastWord& word, bool remote) {
    const bool together = word.recorded_ && !remote && (word.qos() == Qos::exactly_once || core_.journal().accepts());
    if (together) erase(word);
    return together;
}

void LastWords::settle(LastWord& word, Errc code) noexcept {
    if (!passes(code) || word.qos() == Qos::at_most_once) return end(word);
    record(word);
    disk_full_ = disk_full_ || !core_.journal().accepts();
    postpone(word);
}

void LastWords::postpone(LastWord& word) noexcept {
    word.waits_ = true;
    wait();
}

void LastWords::wait() noexcept {
    if (!retry_.armed()) core_.timers().arm(retry_, core_.now() + pause);
}

void LastWords::committed(std::uint64_t) noexcept {
    if (disk_full_) speak_again();
}

void LastWords::speak_again() noexcept {
    if (disk_full_ && !core_.journal().accepts()) return wait();
    disk_full_ = false;
    std::vector<SessionId> waiting;
    for (const auto& [id, word] : words_)
        if (word->waits_) waiting.push_back(id);
    std::ranges::sort(waiting);  // the same in every run
    for (const SessionId id : waiting) {
        LastWord* const word = find(id);
        if (!word) continue;
        word->waits_ = false;
        owner_.speak(*word);
    }
}

void LastWords::end(LastWord& word) noexcept {
    erase(word);
    count(-1, -static_cast<std::int64_t>(word.bytes()));
    const auto ended = words_.extract(word.id());
    owner_.ended(word);
}

}  // namespace junctor
