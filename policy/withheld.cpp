#include "policy/withheld.hpp"

#include <algorithm>
#include <utility>

#include "core/ports/template.hpp"

namespace junctor {
namespace {

/// Topics that a session asks about at a time.
constexpr std::size_t most_asked = 128;

/// How long who may not have a message of a group, or a `send`, is passed over.
constexpr Duration refusal_lasts = std::chrono::seconds(10);

Gauge waiting_bytes() {
    static const Gauge bytes = gauge("junctor_policy_withheld_bytes", "Bytes of deliveries that wait for an external authorizer");
    return bytes;
}

}  // namespace

/// What waits for one session.
class Withheld::Line final : public Waiter {
public:
    Line(Withheld& owner, Session& its_session) : Waiter(owner.judge_.inquiries()), session(its_session), id(its_session.id()), owner_(owner) {}

    void want(std::string_view topic) {
        const auto holds = [&](const std::vector<std::string>& topics) { return std::ranges::find(topics, topic) != topics.end(); };
        if (topics_.size() < most_asked && !holds(topics_) && !holds(asking_)) topics_.emplace_back(topic);
    }
    /// Of whatever is wanted, if nothing is being asked. May end it.
    void ask() {
        if (waiting() || advancing || topics_.empty()) return;
        asking_ = std::exchange(topics_, {});
        begin_asking();
        for (const std::string& each : asking_) owner_.judge_.ask(session, Verb::receive, each, *this);
        end_asking();
    }
    void answered() noexcept { asking_.clear(); }
    bool wants() const noexcept { return !topics_.empty(); }
    void done() noexcept { release(); }
    void known() noexcept override { owner_.advance(*this); }

    Session& session;
    const SessionId id;
    Outbox outbox;
    std::size_t counted = 0;  ///< of its bytes
    bool advancing = false;
    bool gone = false;  ///< the session has left in the middle of it

private:
    Withheld& owner_;
    std::vector<std::string> asking_;
    std::vector<std::string> topics_;  ///< to be asked about next
};

Withheld::Withheld(Core& core, Judge& judge, Owner& owner) : core_(core), judge_(judge), owner_(owner) {}

Withheld::~Withheld() = default;

bool Withheld::refused_lately(const Session& session, const Topic& topic) const noexcept {
    return refused_ && refused_->allows(session.id(), topic.hash(), core_.now());
}

void Withheld::note_refusal(const Session& session, const Topic& topic) {
    if (!refused_) refused_ = std::make_unique<DecisionCache>();
    refused_->allow(session.id(), topic.hash(), core_.now() + refusal_lasts);
}

Withheld::Line& Withheld::line_of(Session& session) {
    std::unique_ptr<Line>& line = lines_[session.id()];
    if (!line) line = std::make_unique<Line>(*this, session);
    return *line;
}

void Withheld::count(Line& line) noexcept {
    const std::size_t now = line.outbox.bytes();
    core_.metrics().add(waiting_bytes(), static_cast<std::int64_t>(now) - static_cast<std::int64_t>(line.counted));
    bytes_ += now - line.counted;
    line.counted = now;
}

bool Withheld::add(Session& to, const Delivery& delivery) {
    Line& line = line_of(to);
    const std::size_t others = bytes_ - line.counted;
    const Limits& limits = core_.limits();
    const std::size_t most = std::min(limits.outbound_queue, limits.undecided - std::min(others, limits.undecided));
    // Some clients count on all that a history keeps: none of it goes without a word.
    const DeliverResult result = line.outbox.push(delivery, most, core_.metrics(), true, to.share());
    count(line);
    if (result == DeliverResult::refused) return false;
    line.want(delivery.envelope->topic_text());
    to.withheld(delivery.envelope);
    line.ask();
    return true;
}

void Withheld::ask(Session& session, const Topic& topic) {
    Line& line = line_of(session);
    line.want(topic.text());
    line.ask();
}

/// What is known decides about those that stand first. Then the next questions are asked, at least about the one that stands first now.
void Withheld::advance(Line& line) noexcept {
    if (std::exchange(line.advancing, true)) return;
    line.answered();
    Refused refused;
    owner_.hand_over([&](FanOut& fan_out) {
        line.outbox.pump(core_.now(), core_.metrics(),
                         [&](const Outbox::Item& item) noexcept { return !line.gone && decide(line, fan_out, item, refused); });
    });
    if (!line.gone && line.outbox.empty()) owner_.known(line.session);
    line.advancing = false;
    if (line.gone) bury(line, refused);
    else if (line.outbox.empty() && !line.wants()) finish(line);
    else go_on(line);
    if (!refused.members.empty()) owner_.pass_on(std::move(refused.members));
    for (const EnvelopePtr& each : refused.sends) owner_.send_again(each);
}

/// False: it is not known yet.
bool Withheld::decide(Line& line, FanOut& fan_out, const Outbox::Item& item, Refused& refused) noexcept {
    const Topic topic = item.envelope->topic();
    const Ruling ruling = judge_.may_have(line.session, topic);
    if (ruling == Ruling::later) return line.want(topic.text()), false;
    if (ruling == Ruling::allow) {
        const Template encoded_anew;
        fan_out.give(line.session, {item.envelope, encoded_anew, item.qos, item.retain, item.subscription_ids, 0, Repeat::no, item.group});
        return true;
    }
    const bool has_others = item.group || item.envelope->kind() == Kind::send;
    if (!has_others) return true;
    note_refusal(line.session, topic);
    if (item.group) refused.members.push_back({item.envelope, Ref<const SharedGroup>(item.group)});
    else refused.sends.push_back(item.envelope);
    return true;
}

void Withheld::go_on(Line& line) noexcept {
    count(line);
    line.done();
    line.ask();
}

void Withheld::finish(Line& line) noexcept {
    count(line);
    Session& session = line.session;
    const SessionId id = line.id;
    lines_.erase(id);
    session.withheld(nullptr);
    owner_.caught_up(session);
}

void Withheld::bury(Line& line, Refused& refused) noexcept {
    for (HandedBack& each : line.outbox.hand_back()) refused.members.push_back(std::move(each));
    std::erase_if(left_, [&](const auto& each) { return each.get() == &line; });
}

void Withheld::leave(Session& session) noexcept {
    if (lines_.empty()) return;
    auto node = lines_.extract(session.id());
    if (!node) return;
    std::unique_ptr<Line> line = std::move(node.mapped());
    bytes_ -= line->counted;
    core_.metrics().add(waiting_bytes(), -static_cast<std::int64_t>(line->counted));
    line->gone = true;
    if (line->advancing) return left_.push_back(std::move(line));
    if (std::vector<HandedBack> back = line->outbox.hand_back(); !back.empty()) owner_.pass_on(std::move(back));
}

}  // namespace junctor
