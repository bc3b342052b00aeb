#include "tests/bench/generator/replay.hpp"

#include <unistd.h>

#include <algorithm>

#include "tests/bench/generator/process_usage.hpp"
#include "tests/bench/generator/stamp.hpp"

namespace bench {

using namespace std::chrono_literals;

namespace {

constexpr double time_to_notice_seconds = 0.5;             // that the subscribers have gone
constexpr std::uint64_t give_up_after_ns = 5'000'000'000;  // without a delivery

std::string prefix() { return "replay/" + std::to_string(::getpid()); }

Options of_subscriber(Options options) {
    options.persistent = options.pattern == Pattern::offline;
    return options;
}

Options of_publisher(Options options) {
    options.qos = std::max(options.qos, 1U);  // acknowledged, so that all is stored before it is fetched
    options.retain = options.pattern == Pattern::retained;
    return options;
}

}  // namespace

Replay::Replay(const Options& options) : options_(options), streams_(options.subscribers) {}

Report Replay::run() {
    if (queued()) leave_subscriptions();
    const ProcessUsage empty = process_usage(options_.pid);
    store();
    const ProcessUsage before = process_usage(options_.pid);
    const std::uint64_t started = now_ns();
    fetch();
    const double cpu_seconds = process_usage(options_.pid).cpu_seconds - before.cpu_seconds;
    const double stored_bytes = static_cast<double>(before.resident_bytes) - static_cast<double>(empty.resident_bytes);
    return report(static_cast<double>(last_delivery_ns_ - started) * 1e-9, cpu_seconds, stored_bytes);
}

void Replay::leave_subscriptions() {
    open_subscribers();
    subscribe();
    subscribers_.clear();
    run_for(loop_, time_to_notice_seconds);
}

void Replay::open_subscribers() {
    for (std::uint32_t index = 0; index < options_.subscribers; ++index) {
        const std::string name = "replay-" + std::to_string(::getpid()) + "-" + std::to_string(index);
        open_client(loop_, subscribers_, of_subscriber(options_), name, [this, index](std::string_view message) { on_message(index, message); });
    }
    await_ready(loop_, subscribers_);
}

void Replay::subscribe() {
    for (const auto& subscriber : subscribers_) {
        subscriber->connection().subscribe(prefix() + "/#");
        loop_.flush(subscriber->connection());
    }
    await_subscribed(loop_, subscribers_);
}

void Replay::store() {
    Clients publishers;
    Client& publisher = open_client(loop_, publishers, of_publisher(options_), "replay-" + std::to_string(::getpid()) + "-p");
    await_ready(loop_, publishers);
    std::string payload(options_.size, '.');
    for (std::uint64_t sent = 0; sent < options_.messages;) {
        write_stamp({0, sent, 0}, payload);
        publisher.connection().publish(prefix() + "/" + (queued() ? "queued" : std::to_string(sent)), payload);
        loop_.flush(publisher.connection());
        ++sent;
        await(loop_, [&] { return sent - publisher.acknowledged() < options_.in_flight; }, "acknowledgements");
    }
    await(loop_, [&] { return publisher.acknowledged() == options_.messages; }, "acknowledgements");
}

void Replay::fetch() {
    last_delivery_ns_ = now_ns();
    open_subscribers();
    if (!queued()) subscribe();
    while (received_ < expected() && now_ns() - last_delivery_ns_ < give_up_after_ns) loop_.poll(10ms);
}

void Replay::on_message(std::uint32_t subscriber, std::string_view message) {
    const auto stamp = find_stamp(message);
    if (!stamp || stamp->sequence >= options_.messages) {
        ++misrouted_;
        return;
    }
    if (!streams_[subscriber].arrived(stamp->sequence)) return;
    ++received_;
    last_delivery_ns_ = now_ns();
}

Report Replay::report(double seconds, double cpu_seconds, double stored_bytes) const {
    std::uint64_t duplicated = 0;
    std::uint64_t reordered = 0;
    for (const StreamCheck& stream : streams_) {
        duplicated += stream.duplicated();
        reordered += stream.reordered();
    }
    Report report;
    report.add("delivered", received_);
    report.add("lost", expected() - received_);
    report.add("duplicated", duplicated);
    report.add("reordered", queued() ? reordered : std::uint64_t{0});  // there is no order between topics
    report.add("misrouted", misrouted_);
    report.add("seconds", seconds);
    report.add("messages_per_second", static_cast<double>(received_) / seconds);
    report.add("cpu_us_per_delivered", cpu_seconds * 1e6 / static_cast<double>(received_));
    report.add("bytes_per_stored", stored_bytes / options_.messages);
    return report;
}

}  // namespace bench
