// What routing costs per message, destination and subscription, without any wire: a benchmark, not a test.
// Built when asked for: cmake --build build/release --target routing_bench

#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/ports/template.hpp"
#include "core/store/envelope_record.hpp"
#include "core/routing/subscription_table.hpp"
#include "tests/support/test_cluster.hpp"

namespace junctor {
namespace {

/// A session whose wire costs nothing.
class Sink final : public Session {
public:
    explicit Sink(PrincipalRef who) { set_principal(std::move(who)); }
    std::string_view protocol() const noexcept override { return "sink"; }
    WireVariant variant(const SubscribeOptions&) const noexcept override { return {1, 0}; }
    void encode(const Envelope& envelope, WireVariant, Template& out) const noexcept override { out.set_payload(envelope); }
    DeliverResult deliver(const Delivery& delivery) noexcept override {
        bytes += delivery.encoded.size();
        return DeliverResult::queued;
    }
    void settled(Token, const Receipt&) noexcept override {}
    void answered(Token, const EnvelopePtr&) noexcept override {}
    void close(CloseReason, std::string_view) noexcept override {}
    std::size_t bytes = 0;
};

struct House {
    explicit House(std::uint16_t cores = 1) : cluster(cores) {}

    Sink& add(std::size_t core = 0) {
        sinks.push_back(std::make_unique<Sink>(who));
        (void)cluster.gate(core).open(*sinks.back(), {});
        return *sinks.back();
    }
    void subscribe(Sink& sink, const std::string& filter) {
        const SubscribeRequest request{*TopicFilter::parse({}, filter), {}};
        cluster.gate(sink.id().core().value).subscribe(sink, {&request, 1}, Token{1});
    }
    void publish(Sink& from, const std::string& topic) {
        Draft draft;
        draft.topic = *Topic::parse({}, topic);
        draft.payload = payload;
        cluster.gate(from.id().core().value).publish(from, std::move(draft), {});
    }

    test::TestCluster cluster;
    PrincipalRef who{new Principal(TenantId{}, "bench")};
    ByteBuffer payload = ByteBuffer(64, 'x');
    std::deque<std::unique_ptr<Sink>> sinks;
};

double nanoseconds_each(std::size_t rounds, const std::function<void(std::size_t)>& run) {
    for (std::size_t i = 0; i < rounds / 10; ++i) run(i);
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < rounds; ++i) run(i);
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count() / static_cast<double>(rounds);
}

void fan_out(std::size_t receivers) {
    House house;
    Sink& publisher = house.add();
    for (std::size_t i = 0; i < receivers; ++i) house.subscribe(house.add(), "fan/out/topic");
    const double cost = nanoseconds_each(2'000'000 / (receivers + 1), [&](std::size_t) { house.publish(publisher, "fan/out/topic"); });
    std::printf("publish 64 B to %5zu sessions: %8.0f ns, %6.1f ns per destination\n", receivers, cost, cost / static_cast<double>(receivers));
}

void live_topics(std::size_t topics) {
    House house;
    Sink& publisher = house.add();
    std::vector<std::string> names;
    for (std::size_t i = 0; i < topics; ++i) {
        names.push_back("site/" + std::to_string(i % 100) + "/device/" + std::to_string(i) + "/value");
        house.subscribe(house.add(), names.back());
    }
    const double cost = nanoseconds_each(1'000'000, [&](std::size_t i) { house.publish(publisher, names[i * 7919 % topics]); });
    std::printf("publish over %zu live topics, one receiver each: %.0f ns\n", topics, cost);
}

std::string wild_filter(std::size_t i) {
    const std::string n = std::to_string(i);
    if (i % 3 == 0) return "wild/a/" + n + "/value";
    return i % 3 == 1 ? "wild/b/" + n + "/+" : "wild/c/" + n + "/#";
}

void stored_subscriptions(std::size_t count) {
    House house;
    Sink& publisher = house.add();
    for (std::size_t i = 0; i < 100; ++i) house.add();
    std::vector<TopicFilter> filters;
    for (std::size_t i = 0; i < count; ++i) filters.push_back(*TopicFilter::parse({}, wild_filter(i)));
    const std::size_t before = mallinfo2().uordblks;
    const double subscribing = nanoseconds_each(count, [&](std::size_t i) {
        const SubscribeRequest request{filters[i], {}};
        house.cluster.gate().subscribe(*house.sinks[1 + i % 100], {&request, 1}, Token{1});
    });
    std::printf("%zu stored subscriptions: %.0f bytes each, %.0f ns to subscribe\n", count,
                static_cast<double>(mallinfo2().uordblks - before) / static_cast<double>(count), subscribing);
    std::vector<std::string> topics;
    for (std::size_t i = 0; i < count; ++i) topics.push_back("wild/" + std::string(1, static_cast<char>('a' + i % 3)) + "/" + std::to_string(i) + "/value");
    Router& router = house.cluster.gate().router();
    const double cached = nanoseconds_each(300'000, [&](std::size_t i) { house.publish(publisher, topics[i * 7919 % 20'000]); });
    const std::uint64_t misses = router.match_cache().misses();
    const double cold = nanoseconds_each(300'000, [&](std::size_t i) {
        router.forget_matches();
        house.publish(publisher, topics[i * 7919 % 20'000]);
    });
    std::printf("  publish over 20000 of them: %.0f ns matched, %.0f ns when worked out anew (%llu times)\n", cached, cold,
                static_cast<unsigned long long>(router.match_cache().misses() - misses));
}

void retained_values(std::size_t count) {
    RetainedStore store(1);
    const std::size_t before = mallinfo2().uordblks;
    const ByteBuffer payload(64, 'x');
    const double writing = nanoseconds_each(count, [&](std::size_t i) {
        const std::string text = "site/" + std::to_string(i % 100) + "/device/" + std::to_string(i) + "/value";
        Draft draft;
        draft.topic = *Topic::parse({}, text);
        draft.payload = payload;
        draft.retain = true;
        store.apply(Envelope::make(std::move(draft), {}));
    });
    std::size_t found = 0;
    const TopicFilter filter = *TopicFilter::parse({}, "site/+/device/77/+");
    const double seeking = nanoseconds_each(10, [&](std::size_t) {
        store.find(filter, {}, [&](const EnvelopePtr&) { return ++found > 0; });
    });
    std::printf("%zu retained values of 64 B: %.0f bytes each, %.0f ns to write, %.1f us to find site/+/device/77/+\n", store.size(),
                static_cast<double>(mallinfo2().uordblks - before) / static_cast<double>(store.size()), writing, seeking / 1000);
}

double milliseconds(const std::function<void()>& run) {
    const auto begin = std::chrono::steady_clock::now();
    run();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

/// What a start with a store does for each core, and what a subscriber to everything gets.
void retained_restart(std::size_t count) {
    House house;
    const ClockPair clocks{house.cluster.clock.now(), house.cluster.clock.wall()};
    std::vector<ByteBuffer> records(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::string text = "site/" + std::to_string(i % 100) + "/device/" + std::to_string(i) + "/value";
        Draft draft;
        draft.topic = *Topic::parse({}, text);
        draft.payload = house.payload;
        draft.retain = true;
        append_envelope(records[i], *Envelope::make(std::move(draft), {{}, {}, house.who, clocks.now}), clocks);
    }
    std::vector<EnvelopePtr> values;
    EnvelopeDecoder decoder(clocks);
    const double reading = milliseconds([&] {
        for (const ByteBuffer& each : records) values.push_back(decoder.decode(each));
    });
    const double applying = milliseconds([&] { house.cluster.gate().router().restore_retained(values); });
    Sink& reader = house.add();
    const double replaying = milliseconds([&] { house.subscribe(reader, "#"); });
    std::printf("%zu retained values of a store: %.0f ms to decode, %.0f ms for each core, %.2f us to replay each\n", count, reading, applying,
                replaying * 1000 / static_cast<double>(count));
}

/// One message each time, to one of 100 members.
void shared_group() {
    House house;
    Sink& publisher = house.add();
    for (std::size_t i = 0; i < 100; ++i) house.subscribe(house.add(), "$share/group/jobs/+");
    const double cost = nanoseconds_each(300'000, [&](std::size_t) { house.publish(publisher, "jobs/1"); });
    std::printf("publish to a group of 100: %.0f ns\n", cost);
}

void connections(std::size_t count) {
    House house;
    for (std::size_t i = 0; i < count; ++i) house.sinks.push_back(std::make_unique<Sink>(house.who));
    std::size_t before = mallinfo2().uordblks;
    for (const auto& each : house.sinks) (void)house.cluster.gate().open(*each, {});
    const std::size_t opened = mallinfo2().uordblks - before;
    before = mallinfo2().uordblks;
    for (std::size_t i = 0; i < count; ++i) house.subscribe(*house.sinks[i], "idle/" + std::to_string(i));
    std::printf("%zu sessions: %.0f bytes each in the table, %.0f more with one subscription\n", count,
                static_cast<double>(opened) / static_cast<double>(count), static_cast<double>(mallinfo2().uordblks - before) / static_cast<double>(count));
}

}  // namespace
}  // namespace junctor

int main(int count, char** arguments) {
    if (count > 1) return junctor::fan_out(std::stoul(arguments[1])), 0;  // for a profiler
    for (const std::size_t receivers : std::initializer_list<std::size_t>{1, 10, 100, 1'000, 10'000}) junctor::fan_out(receivers);
    junctor::live_topics(20'000);
    junctor::stored_subscriptions(100'000);
    junctor::retained_values(100'000);
    junctor::retained_restart(100'000);
    junctor::shared_group();
    junctor::connections(10'000);
}
