// What a verdict costs: a benchmark, not a test. The bar: a publish verdict from the cache in at most 100 ns and without an allocation.
// Built when asked for: cmake --build build/release --target policy_bench. Ends with 1 when the bar is missed.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <new>

#include "core/session/session_table.hpp"
#include "policy/judge.hpp"
#include "tests/support/acl.hpp"
#include "tests/support/fake_session.hpp"
#include "tests/support/late_authorizer.hpp"
#include "tests/support/lone_core.hpp"

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
    ++allocations;
    if (void* const memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace junctor {
namespace {

struct Cost {
    double nanoseconds;
    double allocations;
};

Cost each(std::size_t rounds, const std::function<void(std::size_t)>& run) {
    for (std::size_t i = 0; i < rounds / 10; ++i) run(i);
    const std::size_t before = allocations;
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < rounds; ++i) run(i);
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    const auto count = static_cast<double>(rounds);
    return {took.count() / count, static_cast<double>(allocations - before) / count};
}

/// Rules for `count` others, then the three that are about everybody.
std::string rules_for(std::size_t count) {
    std::string rules;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string name = "device-" + std::to_string(i);
        rules += "{allow: [publish, subscribe], principals: [" + name + "], topics: [\"site/" + name + "/#\"]}, ";
    }
    return rules + "{allow: [connect]}, {deny: [publish], topics: [\"+/secret/#\"]}, {allow: [publish, subscribe], topics: [\"plant/${user}/+/value\"]}";
}

class Bench {
public:
    explicit Bench(std::size_t others) : others_(others) {
        policy_->authorizers.push_back(test::make_acl("[" + rules_for(others) + "]"));
        lone_.sessions.add(session_);
        judge_.adopt(policy_);
        for (int i = 0; i < 100; ++i) texts_.push_back("plant/pump/" + std::to_string(i) + "/value");
        for (const std::string& text : texts_) topics_.push_back(*Topic::parse({}, text));
    }

    bool run() {
        const Cost cached = each(5'000'000, [&](std::size_t i) { good_ += judge_.may_publish(session_, topics_[i % topics_.size()]) == Ruling::allow ? 1U : 0U; });
        const Cost judged = each(1'000'000, [&](std::size_t i) { good_ += judge_.allows(session_, Verb::publish, texts_[i % texts_.size()]) ? 1U : 0U; });
        std::printf("%6zu rules: publish verdict from the cache %5.1f ns, %.2f allocations; judged anew %6.1f ns, %.2f allocations\n", others_ + 3,
                    cached.nanoseconds, cached.allocations, judged.nanoseconds, judged.allocations);
        constexpr std::size_t asked = 6'600'000;
        return good_ == asked && cached.nanoseconds <= 100 && cached.allocations == 0 && judged.allocations == 0;
    }

private:
    std::size_t others_;
    std::shared_ptr<Policy> policy_ = std::make_shared<Policy>();
    test::LoneCore lone_;
    Judge judge_{lone_.core, policy_};
    test::FakeSession session_{"pump-1", "pump"};
    std::vector<std::string> texts_;
    std::vector<Topic> topics_;
    std::size_t good_ = 0;
};

/// What somebody elsewhere has said: by session and topic, and by the whole question behind that.
class RemoteBench {
public:
    RemoteBench() {
        const auto remote = std::make_shared<test::LateAuthorizer>();
        remote->rule = [](const KeptQuestion&) { return Verdict::Outcome::allow; };
        policy_->authorizers.push_back(remote);
        lone_.sessions.add(session_);
        judge_.adopt(policy_);
        judge_.changed();
        for (int i = 0; i < 100; ++i) texts_.push_back("plant/pump/" + std::to_string(i) + "/value");
        Waiting waiting(judge_.inquiries());
        for (const std::string& text : texts_) {
            topics_.push_back(*Topic::parse({}, text));
            judge_.ask(session_, Verb::publish, text, waiting);
        }
    }

    bool run() {
        const Cost cached = each(5'000'000, [&](std::size_t i) { good_ += judge_.may_publish(session_, topics_[i % topics_.size()]) == Ruling::allow ? 1U : 0U; });
        const Cost found = each(1'000'000, [&](std::size_t i) { good_ += judge_.rule(session_, Verb::publish, texts_[i % texts_.size()]) == Ruling::allow ? 1U : 0U; });
        std::printf("said elsewhere: publish verdict from the cache %5.1f ns, %.2f allocations; found by its question %6.1f ns, %.2f allocations\n",
                    cached.nanoseconds, cached.allocations, found.nanoseconds, found.allocations);
        constexpr std::size_t asked = 6'600'000;
        return good_ == asked && cached.nanoseconds <= 100 && cached.allocations == 0 && found.allocations == 0;
    }

private:
    struct Waiting final : Waiter {
        using Waiter::Waiter;
        void known() noexcept override {}
    };

    std::shared_ptr<Policy> policy_ = std::make_shared<Policy>();
    test::LoneCore lone_;
    Judge judge_{lone_.core, policy_};
    test::FakeSession session_{"pump-1", "pump"};
    std::vector<std::string> texts_;
    std::vector<Topic> topics_;
    std::size_t good_ = 0;
};

}  // namespace
}  // namespace junctor

int main() {
    bool good = true;
    for (const std::size_t others : {0U, 100U, 5'000U}) good = junctor::Bench(others).run() && good;
    good = junctor::RemoteBench().run() && good;
    if (!good) std::puts("missed: at most 100 ns from the cache, and no allocation");
    return good ? 0 : 1;
}
