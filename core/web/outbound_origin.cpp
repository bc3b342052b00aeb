#include "core/web/outbound_origin.hpp"

#include <algorithm>
#include <utility>

#include "core/observe/log.hpp"

namespace junctor::web {
namespace {

/// A 4xx is about the question: who asks odd ones is not to close the server to everybody.
bool nonsense(const HttpResponse& response, const OutboundRequest::Sense& makes_sense) {
    return makes_sense && response.status < 400 && !makes_sense(response);
}

/// Does it speak against the server?
bool speaks_against(const OutboundAnswer& answer, const OutboundRequest::Sense& makes_sense) {
    switch (answer.failure) {
        case OutboundFailure::none: return answer.response.status >= 500 || nonsense(answer.response, makes_sense);
        case OutboundFailure::unresolved:
        case OutboundFailure::unreachable:
        case OutboundFailure::untrusted:
        case OutboundFailure::timed_out:
        case OutboundFailure::lost:
        case OutboundFailure::malformed: return true;
        default: return false;
    }
}

}  // namespace

struct OutboundOrigin::Task final : Timer {
    Task(OutboundOrigin& its_origin, Job its_job) : origin(its_origin), job(std::move(its_job)) {}
    void expired(TimePoint) noexcept override { origin.out_of_time(*this); }

    OutboundOrigin& origin;
    Job job;
    Connection* connection = nullptr;  ///< null: it waits for one
    bool probe = false;
    bool repeated = false;
};

struct OutboundOrigin::Connection final : Timer, OutboundLink::User {
    explicit Connection(OutboundOrigin& its_origin) : origin(its_origin), link(origin.parts_.dial(*this)) {}

    void connected() noexcept override { origin.parts_.timers.cancel(*this); }
    void finished(OutboundAnswer answer, OutboundLink::Ending ending) noexcept override { origin.finished(*this, std::move(answer), ending); }
    void gone() noexcept override { origin.drop(*this); }
    /// Not connected in time, or unused for long.
    void expired(TimePoint) noexcept override {
        if (task) return finished(OutboundAnswer(OutboundFailure::unreachable, "no connection in time"), {});
        origin.drop(*this);
    }

    OutboundOrigin& origin;
    std::unique_ptr<OutboundLink> link;
    Task* task = nullptr;  ///< null: idle
    bool used = false;     ///< it has carried an exchange
};

OutboundOrigin::OutboundOrigin(Options options, Parts parts) : options_(options), parts_(std::move(parts)), breaker_(parts_.random) {}

OutboundOrigin::~OutboundOrigin() { parts_.metrics.connections(-static_cast<std::int64_t>(connections_.size())); }

void OutboundOrigin::submit(Job job) {
    parts_.metrics.requested();
    const std::uint64_t id = job.id;
    Task& task = *(jobs_[id] = std::make_unique<Task>(*this, std::move(job)));
    if (const OutboundFailure refusal = admit(task); refusal != OutboundFailure::none) return settle(task, OutboundAnswer(refusal));
    parts_.timers.arm(task, task.job.began + task.job.timeout);
    if (start(task)) return;
    waiting_bytes_ += task.job.wire->size();
    waiting_.push_back(&task);
}

OutboundFailure OutboundOrigin::admit(Task& task) noexcept {
    const bool room = waiting_.size() < options_.waiting && waiting_bytes_ + task.job.wire->size() <= options_.waiting_bytes;
    if (!room) return OutboundFailure::overloaded;
    const CircuitBreaker::Pass pass = breaker_.ask(parts_.clock.now());
    task.probe = pass == CircuitBreaker::Pass::probe;
    return pass == CircuitBreaker::Pass::no ? OutboundFailure::circuit_open : OutboundFailure::none;
}

bool OutboundOrigin::start(Task& task) {
    Connection* connection = free_connection();
    if (connection) begin(*connection, task);
    return connection != nullptr;
}

OutboundOrigin::Connection* OutboundOrigin::free_connection() {
    const auto idle = std::find_if(connections_.rbegin(), connections_.rend(), [](const auto& each) { return !each->task; });
    if (idle != connections_.rend()) return idle->get();
    if (connections_.size() >= options_.connections) return nullptr;
    Connection& made = *connections_.emplace_back(std::make_unique<Connection>(*this));
    parts_.metrics.connections(1);
    parts_.timers.arm(made, parts_.clock.now() + options_.connect_timeout);
    return &made;
}

void OutboundOrigin::begin(Connection& connection, Task& task) {
    connection.task = &task;
    task.connection = &connection;
    if (connection.used) parts_.timers.cancel(connection);
    connection.link->begin({task.job.wire, task.job.max_body, task.job.bodiless});
}

void OutboundOrigin::start_waiting() {
    while (!waiting_.empty() && start(*waiting_.front())) {
        waiting_bytes_ -= waiting_.front()->job.wire->size();
        waiting_.pop_front();
    }
}

void OutboundOrigin::finished(Connection& connection, OutboundAnswer answer, OutboundLink::Ending ending) {
    Task& task = *std::exchange(connection.task, nullptr);
    task.connection = nullptr;
    // The server may have closed it at the very moment when the request went out (RFC 9110 section 9.2.2).
    const bool stale = connection.used && ending.silent && answer.failure == OutboundFailure::lost;
    if (stale && task.job.repeatable && !task.repeated) return try_again(connection, task);
    if (ending.reusable) {
        connection.used = true;
        parts_.timers.arm(connection, parts_.clock.now() + options_.idle_timeout);
        const auto own = std::ranges::find_if(connections_, [&](const auto& each) { return each.get() == &connection; });
        std::rotate(own, own + 1, connections_.end());
    } else {
        drop(connection);
    }
    settle(task, std::move(answer));
    start_waiting();
}

/// On a new connection: what idles beside a stale one is hardly better.
void OutboundOrigin::try_again(Connection& stale, Task& task) {
    task.repeated = true;
    drop(stale);
    for (std::size_t i = connections_.size(); i-- > 0;)
        if (!connections_[i]->task) drop(*connections_[i]);
    if (start(task)) return;
    waiting_bytes_ += task.job.wire->size();
    waiting_.push_front(&task);
}

void OutboundOrigin::out_of_time(Task& task) {
    if (task.connection) {
        drop(*std::exchange(task.connection, nullptr));
    } else {
        leave_queue(task);
    }
    settle(task, OutboundAnswer(OutboundFailure::timed_out, "no answer in time"));
    start_waiting();
}

void OutboundOrigin::settle(Task& task, OutboundAnswer answer) {
    const std::unique_ptr<Task> ended = std::move(jobs_.extract(task.job.id).mapped());
    if (answer.failure == OutboundFailure::none) {
        parts_.metrics.answered(parts_.clock.now() - task.job.began);
    } else {
        parts_.metrics.failed(answer.failure);
    }
    judge(task, answer);
    ended->job.done(std::move(answer));
}

void OutboundOrigin::judge(const Task& task, const OutboundAnswer& answer) {
    if (answer.failure == OutboundFailure::circuit_open || answer.failure == OutboundFailure::overloaded) return;
    const bool was_open = breaker_.open();
    if (speaks_against(answer, task.job.makes_sense)) {
        breaker_.failed(task.job.began, parts_.clock.now(), task.probe ? CircuitBreaker::Pass::probe : CircuitBreaker::Pass::yes);
    } else if (answer.failure == OutboundFailure::none) {
        breaker_.succeeded();
    } else if (task.probe) {
        breaker_.abandoned();
    }
    if (breaker_.open() == was_open) return;
    parts_.metrics.circuit(breaker_.open());
    if (!breaker_.open()) return log_info("outbound", "a server answers again", {{"server", parts_.name}});
    const bool answered = answer.failure == OutboundFailure::none;
    const std::string_view senseless = answer.response.status < 500 ? " and no answer to the question" : "";
    const std::string why = answered ? "status " + std::to_string(answer.response.status).append(senseless) : std::string(to_string(answer.failure)) + ": " + answer.detail;
    log_warning("outbound", "a server fails and is spared for a while: what needs it is refused", {{"server", parts_.name}, {"why", why}});
    refuse_waiting();
}

void OutboundOrigin::refuse_waiting() {
    waiting_bytes_ = 0;
    for (Task* task : std::exchange(waiting_, {})) settle(*task, OutboundAnswer(OutboundFailure::circuit_open));
}

void OutboundOrigin::drop(Connection& connection) {
    const auto own = std::ranges::find_if(connections_, [&](const auto& each) { return each.get() == &connection; });
    connections_.erase(own);
    parts_.metrics.connections(-1);
}

void OutboundOrigin::leave_queue(const Task& task) {
    waiting_bytes_ -= task.job.wire->size();
    waiting_.erase(std::ranges::find(waiting_, &task));
}

void OutboundOrigin::cancel(std::uint64_t id) {
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return;
    const std::unique_ptr<Task> task = std::move(jobs_.extract(found).mapped());
    task->connection ? drop(*task->connection) : leave_queue(*task);
    if (task->probe) breaker_.abandoned();
    start_waiting();
}

void OutboundOrigin::stop() {
    waiting_.clear();
    waiting_bytes_ = 0;
    parts_.metrics.connections(-static_cast<std::int64_t>(connections_.size()));
    connections_.clear();
    while (!jobs_.empty()) settle(*jobs_.begin()->second, OutboundAnswer(OutboundFailure::stopped));
}

}  // namespace junctor::web
