#include "policy/undecided.hpp"

#include <utility>

namespace junctor {
namespace {

struct Metered {
    Gauge operations = gauge("junctor_policy_waiting", "Operations that wait for an external authorizer, or behind one that does");
    Gauge bytes = gauge("junctor_policy_waiting_bytes", "Bytes held by operations that wait for an external authorizer");
    Counter refused = counter("junctor_policy_waiting_refused_total", "Operations refused because too many waited for external authorizers");
};

const Metered& metered() {
    static const Metered all;
    return all;
}

}  // namespace

/// What waits of one session.
class Undecided::Line final : public Waiter {
public:
    Line(Undecided& owner, Session& its_session) : Waiter(owner.judge_.inquiries()), session(&its_session), id(its_session.id()), owner_(owner) {}

    void ask(const std::vector<Unknown>& unknown) {
        begin_asking();
        for (const Unknown& each : unknown) owner_.judge_.ask(*session, each.verb, each.object, *this);
        end_asking();
    }
    void done() noexcept { release(); }
    void known() noexcept override { owner_.advance(*this); }

    Session* session;
    const SessionId id;
    std::unique_ptr<Departed> departed;  ///< the session, where it is one that has gone
    std::deque<Operation> operations;
    std::size_t bytes = 0;
    bool advancing = false;

private:
    Undecided& owner_;
};

Undecided::Undecided(Core& core, Judge& judge, Owner& owner) : core_(core), judge_(judge), owner_(owner) {}

Undecided::~Undecided() = default;

Undecided::Line* Undecided::find(SessionId id) const noexcept {
    const auto found = lines_.find(id);
    return found == lines_.end() ? nullptr : found->second.get();
}

void Undecided::count(std::int64_t operations, std::int64_t bytes) noexcept {
    core_.metrics().add(metered().operations, operations);
    core_.metrics().add(metered().bytes, bytes);
}

/// A message as large as the packets that are taken must find room, whatever the limit of a session.
bool Undecided::admits(const Line* line, std::size_t bytes) const noexcept {
    const Limits& limits = core_.limits();
    return bytes_ + bytes <= limits.undecided && (!line || line->bytes + bytes <= limits.undecided_per_session);
}

bool Undecided::add(Session& by, Operation operation) {
    Line* line = find(by.id());
    if (!admits(line, operation.bytes)) {
        core_.metrics().add(metered().refused);
        return false;
    }
    const bool first = !line;
    if (first) {
        line = (lines_[by.id()] = std::make_unique<Line>(*this, by)).get();
        by.hold(true);
    }
    line->bytes += operation.bytes;
    bytes_ += operation.bytes;
    count(1, static_cast<std::int64_t>(operation.bytes));
    line->operations.push_back(std::move(operation));
    if (first) advance(*line);
    return true;
}

/// One operation after the other, until one has to wait. Each may end the session, and with it the line.
void Undecided::advance(Line& line) noexcept {
    if (std::exchange(line.advancing, true)) return;
    const SessionId id = line.id;
    while (!line.operations.empty()) {
        Operation operation = std::move(line.operations.front());
        line.operations.pop_front();
        const std::vector<Unknown> unknown = operation.attempt(*line.session);
        if (find(id) != &line) return count(-1, 0);
        if (!unknown.empty()) {
            line.operations.push_front(std::move(operation));
            line.advancing = false;
            return line.ask(unknown);  // which may come back here at once
        }
        line.bytes -= operation.bytes;
        bytes_ -= operation.bytes;
        count(-1, -static_cast<std::int64_t>(operation.bytes));
        line.done();
    }
    finish(line);
}

void Undecided::finish(Line& line) noexcept {
    const auto ended = std::move(lines_.extract(line.id).mapped());
    if (ended->departed) return owner_.ended(*ended->departed);
    ended->session->hold(false);
}

void Undecided::leave(Session& session) noexcept {
    if (lines_.empty()) return;
    auto node = lines_.extract(session.id());
    if (!node) return;
    const std::unique_ptr<Line> left = std::move(node.mapped());
    count(-static_cast<std::int64_t>(left->operations.size()), -static_cast<std::int64_t>(left->bytes));
    bytes_ -= left->bytes;
    std::erase_if(left->operations, [](const Operation& operation) { return !operation.outlives; });
    if (left->operations.empty()) return;
    auto departed = std::make_unique<Departed>(session);
    Departed& stand_in = *departed;
    owner_.opened(stand_in);
    Line& line = *(lines_[stand_in.id()] = std::make_unique<Line>(*this, stand_in));
    line.departed = std::move(departed);
    for (Operation& operation : left->operations) {
        line.bytes += operation.bytes;
        line.operations.push_back(std::move(operation));
    }
    bytes_ += line.bytes;
    count(static_cast<std::int64_t>(line.operations.size()), static_cast<std::int64_t>(line.bytes));
    advance(line);
}

}  // namespace junctor
