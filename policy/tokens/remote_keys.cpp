#include "policy/tokens/remote_keys.hpp"

#include <map>
#include <mutex>
#include <vector>

#include "core/observe/log.hpp"
#include "core/runtime/core.hpp"
#include "core/runtime/timer_wheel.hpp"

namespace junctor {

namespace {

constexpr CoreId home{0};

}  // namespace

/// What all cores see.
struct RemoteKeys::Published {
    std::mutex mutex;
    jose::KeySetPtr keys;
    TimePoint good_until = TimePoint::min();
};

/// Which keys this process holds, by origin: the only thing that two policies, the old one and its successor, have in common.
class RemoteKeys::Registry {
public:
    /// What another one of that origin holds now; from here on `successor` is who holds them.
    static jose::KeySetPtr hand_over(const std::string& origin, const std::shared_ptr<Published>& successor, TimePoint& good_until) {
        static std::mutex mutex;
        static std::map<std::string, std::weak_ptr<Published>> holders;
        const std::lock_guard lock(mutex);
        const std::shared_ptr<Published> predecessor = std::exchange(holders[origin], successor).lock();
        std::erase_if(holders, [](const auto& holder) { return holder.second.expired(); });
        if (!predecessor) return nullptr;
        const std::lock_guard its_lock(predecessor->mutex);
        good_until = predecessor->good_until;
        return predecessor->keys;
    }
};

/// The one that fetches. Everything but its making happens on the first core; its last owner may be a task of any.
class RemoteKeys::Keeper final : public Timer, public std::enable_shared_from_this<Keeper> {
public:
    Keeper(const KeyRing::Terms& terms, std::unique_ptr<KeyFetcher> fetcher, const PolicyParts& parts, std::shared_ptr<Published> published)
        : name_(parts.name), ring_(terms, parts.clock.now()), fetcher_(std::move(fetcher)), published_(std::move(published)) {}

    /// Before it starts.
    void inherit(const std::string& origin, TimePoint now) {
        TimePoint good_until = TimePoint::min();
        if (jose::KeySetPtr keys = Registry::hand_over(origin, published_, good_until); keys) ring_.inherit(std::move(keys), good_until, now);
        publish();
    }

    void start(Core& core) {
        core_ = &core;
        fetch();
    }

    void stop() {
        stopped_ = true;
        fetch_.reset();
        waiting_.clear();
        if (core_) core_->timers().cancel(*this);
    }

    void missed(const jose::KeySetPtr& than, std::function<void()> done) {
        const bool newer = ring_.keys() && ring_.keys() != than;
        if (!core_ || stopped_ || newer || waiting_.size() >= most_waiting) return done();
        if (!ring_.fetching() && !ring_.may_fetch_for_miss(core_->now())) return done();
        waiting_.push_back(std::move(done));
        if (!ring_.fetching()) fetch();
    }

    void expired(TimePoint) noexcept override {
        if (!ring_.fetching()) fetch();
    }

private:
    void fetch() {
        core_->timers().cancel(*this);
        ring_.begin(core_->now());
        fetch_ = fetcher_->fetch(home, [this](FetchedKeys fetched) { take(std::move(fetched)); });
    }

    void take(FetchedKeys fetched) {
        const std::shared_ptr<Keeper> kept = shared_from_this();
        const std::unique_ptr<KeyFetch> ended = std::move(fetch_);
        if (fetched.keys) succeed(fetched);
        else fail(fetched);
        core_->timers().arm(*this, ring_.due());
        for (const auto& done : std::exchange(waiting_, {})) done();
    }

    void succeed(const FetchedKeys& fetched) {
        if (!ring_.keys() || ring_.failures() > 0)
            log_info("policy", "keys fetched",
                     {{"authenticator", name_},
                      {"keys", std::to_string(fetched.keys->size())},
                      {"left_out", std::to_string(fetched.keys->left_out())}});
        ring_.succeeded(fetched.keys, fetched.max_age, core_->now());
        publish();
    }

    void publish() {
        const std::lock_guard lock(published_->mutex);
        published_->keys = ring_.keys();
        published_->good_until = ring_.good_until();
    }

    void fail(const FetchedKeys& fetched) {
        ring_.failed(core_->now(), core_->random().next());
        const char* const meanwhile = ring_.good_until() > core_->now() ? "those at hand count on" : "nobody gets in by them";
        log_warning("policy", "keys not fetched", {{"authenticator", name_}, {"because", fetched.problem}, {"meanwhile", meanwhile}});
    }

    const std::string name_;
    KeyRing ring_;
    const std::unique_ptr<KeyFetcher> fetcher_;
    const std::shared_ptr<Published> published_;
    Core* core_ = nullptr;
    bool stopped_ = false;
    std::unique_ptr<KeyFetch> fetch_;
    std::vector<std::function<void()>> waiting_;
};

RemoteKeys::RemoteKeys(std::string origin, const KeyRing::Terms& terms, std::unique_ptr<KeyFetcher> fetcher, const PolicyParts& parts)
    : parts_(parts),
      origin_(std::move(origin)),
      published_(std::make_shared<Published>()),
      keeper_(std::make_shared<Keeper>(terms, std::move(fetcher), parts, published_)) {}

RemoteKeys::~RemoteKeys() {
    parts_.post(home, [keeper = std::move(keeper_)](Core&) { keeper->stop(); });
}

void RemoteKeys::start() {
    keeper_->inherit(origin_, parts_.clock.now());
    parts_.post(home, [keeper = keeper_](Core& core) { keeper->start(core); });
}

jose::KeySetPtr RemoteKeys::keys() const {
    const std::lock_guard lock(published_->mutex);
    return parts_.clock.now() < published_->good_until ? published_->keys : nullptr;
}

void RemoteKeys::renew(CoreId core, jose::KeySetPtr than, std::function<void()> done) {
    auto back = [post = parts_.post, core, done = std::move(done)] { post(core, [done](Core&) { done(); }); };
    parts_.post(home, [keeper = keeper_, than = std::move(than), back = std::move(back)](Core&) mutable { keeper->missed(than, std::move(back)); });
}

}  // namespace junctor
