#include "tests/bench/generator/flow.hpp"

#include <unistd.h>

#include <algorithm>

#include "tests/bench/generator/process_usage.hpp"

namespace bench {

using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t burst = 64;  // messages in one send
constexpr std::uint64_t give_up_after_ns = 5'000'000'000;  // without a delivery

std::string unique_name(const char* role, std::size_t index) {
    return "bench-" + std::to_string(::getpid()) + "-" + role + std::to_string(index);
}

std::string prefix() { return "bench/" + std::to_string(::getpid()); }

std::string topic_of(std::size_t publisher) { return prefix() + "/" + std::to_string(publisher); }

}  // namespace

Flow::Flow(const Options& options)
    : options_(options), streams_(options.subscribers), stored_(prefix(), options.subscriptions, options.subscribers) {}

Report Flow::run() {
    open_subscribers();
    open_publishers();
    const double cpu_before = process_usage(options_.pid).cpu_seconds;
    const std::uint64_t started = now_ns();
    last_delivery_ns_ = started;
    publish_for_a_while();
    drain();
    const double cpu_seconds = process_usage(options_.pid).cpu_seconds - cpu_before;
    return report(static_cast<double>(last_delivery_ns_ - started) * 1e-9, cpu_seconds);
}

void Flow::open_subscribers() {
    for (std::uint32_t index = 0; index < options_.subscribers; ++index) {
        streams_[index].resize(options_.publishers);
        open_client(loop_, clients_, options_, unique_name("s", index), [this, index](std::string_view message) { on_message(index, message); });
    }
    await_ready(loop_, clients_);
    if (options_.pattern == Pattern::stored) return subscribe_many();
    subscribe_each();
}

void Flow::subscribe_each() {
    const bool all = options_.pattern == Pattern::fan && options_.publishers > 1;
    for (std::uint32_t index = 0; index < options_.subscribers; ++index) {
        Connection& connection = clients_[index]->connection();
        connection.subscribe(all ? prefix() + "/+" : topic_of(index % options_.publishers));
        loop_.flush(connection);
    }
    await_subscribed(loop_, clients_);
}

void Flow::subscribe_many() {
    const double before = static_cast<double>(process_usage(options_.pid).resident_bytes);
    for (std::uint32_t index = 0; index < options_.subscriptions; ++index) {
        Client& client = *clients_[index % options_.subscribers];
        client.connection().subscribe(stored_.filter(index));
        loop_.flush(client.connection());
        if (index % options_.subscribers == 0) await_subscribed(loop_, clients_, index / options_.subscribers);
    }
    await_subscribed(loop_, clients_, options_.subscriptions / options_.subscribers);
    bytes_per_subscription_ = (static_cast<double>(process_usage(options_.pid).resident_bytes) - before) / options_.subscriptions;
}

void Flow::open_publishers() {
    Options clean = options_;
    clean.persistent = false;
    for (std::uint32_t index = 0; index < options_.publishers; ++index) {
        Publisher publisher;
        publisher.client = &open_client(loop_, clients_, clean, unique_name("p", index));
        publisher.topic = topic_of(index);
        publisher.payload.assign(options_.size, '.');
        publishers_.push_back(std::move(publisher));
    }
    await_ready(loop_, clients_);
}

void Flow::publish_for_a_while() {
    const std::uint64_t started = now_ns();
    const std::uint64_t end = started + static_cast<std::uint64_t>(options_.seconds * 1e9);
    for (std::size_t index = 0; index < publishers_.size(); ++index) {
        publishers_[index].next_due_ns = options_.rate > 0 ? started + static_cast<std::uint64_t>(1e9 * static_cast<double>(index) / options_.rate) : 0;
    }
    for (std::uint64_t now = started; now < end; now = now_ns()) {
        for (Publisher& publisher : publishers_) {
            if (publisher.client->connection().has_output()) continue;
            if (options_.rate > 0) publish_what_is_due(publisher, now);
            else publish_what_fits(publisher, now);
            loop_.flush(publisher.client->connection());
        }
        loop_.poll(patience(now));
    }
}

/// At a fixed rate it polls without pause, for the sake of the clock, unless somebody else wants the processor.
std::chrono::nanoseconds Flow::patience(std::uint64_t now) const {
    if (options_.rate == 0) return 10ms;
    if (!options_.sleeps) return 0ns;
    const auto next = std::ranges::min_element(publishers_, {}, &Publisher::next_due_ns);
    return std::chrono::nanoseconds(next->next_due_ns > now ? next->next_due_ns - now : 0);
}

void Flow::publish_what_is_due(Publisher& publisher, std::uint64_t now) {
    const auto interval = static_cast<std::uint64_t>(1e9 * static_cast<double>(options_.publishers) / options_.rate);
    while (publisher.next_due_ns <= now) {
        publish(publisher, publisher.next_due_ns);
        publisher.next_due_ns += interval;
    }
}

void Flow::publish_what_fits(Publisher& publisher, std::uint64_t now) {
    if (options_.in_flight == 1) time_acknowledgement(publisher);
    const std::uint64_t done = publisher.delivered / copies_per_message();
    const std::uint64_t allowed = options_.qos > 0 ? publisher.client->acknowledged() + options_.in_flight : UINT64_MAX;
    const std::uint64_t most = std::min(done + options_.window, allowed);
    for (std::uint32_t count = 0; count < burst && publisher.sent < most; ++count) publish(publisher, now);
}

void Flow::time_acknowledgement(const Publisher& publisher) {
    if (publisher.last_sent_ns == 0 || publisher.client->acknowledged() < publisher.sent) return;
    acknowledgement_.add(now_ns() - publisher.last_sent_ns);
}

void Flow::publish(Publisher& publisher, std::uint64_t due_ns) {
    const auto index = static_cast<std::uint32_t>(&publisher - publishers_.data());
    write_stamp({index, publisher.sent, due_ns}, publisher.payload);
    const bool stored = options_.pattern == Pattern::stored;
    publisher.client->connection().publish(stored ? stored_.topic(publisher.sent) : publisher.topic, publisher.payload);
    publisher.last_sent_ns = due_ns;
    ++publisher.sent;
}

void Flow::on_message(std::uint32_t subscriber, std::string_view message) {
    const auto stamp = find_stamp(message);
    if (!stamp || !is_for(*stamp, subscriber)) {
        ++misrouted_;
        return;
    }
    if (!streams_[subscriber][stamp->publisher].arrived(stamp->sequence)) return;
    ++received_;
    ++publishers_[stamp->publisher].delivered;
    last_delivery_ns_ = now_ns();
    if (options_.rate > 0) latency_.add(last_delivery_ns_ - stamp->due_ns);
}

bool Flow::is_for(const Stamp& stamp, std::uint32_t subscriber) const noexcept {
    if (stamp.publisher >= options_.publishers) return false;
    if (options_.pattern == Pattern::pairs) return stamp.publisher == subscriber;
    return options_.pattern != Pattern::stored || stored_.receiver(stamp.sequence) == subscriber;
}

void Flow::drain() {
    while (received_ < expected() && now_ns() - last_delivery_ns_ < give_up_after_ns) loop_.poll(10ms);
}

std::uint64_t Flow::copies_per_message() const noexcept {
    return options_.pattern == Pattern::fan ? options_.subscribers : 1;
}

std::uint64_t Flow::expected() const noexcept {
    std::uint64_t sent = 0;
    for (const Publisher& publisher : publishers_) sent += publisher.sent;
    return sent * copies_per_message();
}

Report Flow::report(double seconds, double cpu_seconds) const {
    std::uint64_t duplicated = 0;
    std::uint64_t reordered = 0;
    for (const auto& of_subscriber : streams_) {
        for (const StreamCheck& stream : of_subscriber) {
            duplicated += stream.duplicated();
            reordered += stream.reordered();
        }
    }
    Report report;
    report.add("delivered", received_);
    report.add("lost", expected() - received_);
    report.add("duplicated", duplicated);
    report.add("reordered", reordered);
    report.add("misrouted", misrouted_);
    report.add("seconds", seconds);
    report.add("messages_per_second", static_cast<double>(received_) / seconds);
    report.add("cpu_us_per_delivered", cpu_seconds * 1e6 / static_cast<double>(received_));
    if (options_.rate > 0) {
        report.add("latency_p50_us", latency_.percentile_us(0.5));
        report.add("latency_p99_us", latency_.percentile_us(0.99));
        report.add("latency_p999_us", latency_.percentile_us(0.999));
    }
    if (options_.in_flight == 1) report.add("acknowledged_p50_us", acknowledgement_.percentile_us(0.5));
    if (options_.pattern == Pattern::stored) report.add("bytes_per_subscription", bytes_per_subscription_);
    return report;
}

}  // namespace bench
