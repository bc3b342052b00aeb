// The process dies at any moment, and clients go on as if nothing had been: what was acknowledged is there, exactly once where that was
// promised, in order.

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <optional>
#include <set>

#include "tests/support/fake_session.hpp"
#include "tests/support/test_cluster.hpp"

namespace junctor {
namespace {

using test::FakeSession;
using test::ModelStore;
using test::SeededRandom;
using test::TestCluster;
using namespace std::chrono_literals;

constexpr SessionTerms kept{1h, false};

/// A client that keeps its side of the session when the connection, or the gateway, ends.
class Client {
public:
    explicit Client(std::string name) : name_(std::move(name)) {}

    bool connected() const noexcept { return session_ != nullptr; }
    Gate& gate() noexcept { return cluster_->gate(cluster_->home_of(name_)); }

    void connect(TestCluster& cluster) {
        cluster_ = &cluster;
        session_ = std::make_unique<FakeSession>(name_);
        session_->on_deliver = [this](const Delivery& delivery) { delivered(delivery); };
        session_->on_settled = [this](Token token, const Receipt& receipt) { settled(token, receipt); };
        const Result<Opened> opened = gate().open(*session_, kept);
        ASSERT_TRUE(opened);
        gate().ready(*session_);
        resume();
    }
    void disconnect() {
        gate().close(*session_, CloseReason::connection_lost);
        session_.reset();
        due_.clear();
    }
    /// The gateway has died.
    void lose() {
        session_.reset();
        due_.clear();
    }

    void subscribe(const std::string& topic) {
        const SubscribeRequest request{*TopicFilter::parse({}, topic), {0, Qos::exactly_once, RetainHandling::send, false, false}};
        wanted_ = topic;
        gate().subscribe(*session_, {&request, 1}, Token{subscribe_token});
    }

    /// The next message of this client, numbered from 1.
    void publish(const std::string& topic, Qos qos) {
        const auto id = static_cast<std::uint16_t>(++sent_);
        outgoing_[id] = {topic, name_ + " " + std::to_string(sent_), qos, false};
        publish(id);
    }
    std::size_t outgoing() const noexcept { return outgoing_.size(); }
    std::uint64_t sent() const noexcept { return sent_; }

    /// Answers the oldest thing that waits for an answer; false when there is none.
    bool answer() {
        for (; session_ && released_ < session_->releases.size(); ++released_) release(session_->releases[released_]);
        if (!session_ || due_.empty()) return false;
        const auto [sequence, progress] = due_.front();
        due_.pop_front();
        gate().acknowledge(*session_, sequence, progress);
        return true;
    }

    /// How often each payload came, and in which order for the first time.
    std::map<std::string, int> got;
    std::vector<std::string> order;
    bool subscribed = false;

private:
    static constexpr std::uint64_t subscribe_token = 1'000'000;
    static constexpr std::uint64_t release_token = 2'000'000;

    struct Outgoing {
        std::string topic;
        std::string payload;
        Qos qos;
        bool received;  ///< PUBREC has come
    };

    void delivered(const Delivery& delivery) {
        if (delivery.repeat == Repeat::release) return release(delivery.sequence);
        const std::string payload(as_text(delivery.envelope->payload()));
        if (delivery.qos == Qos::at_least_once) {
            take(payload);
            due_.push_back({delivery.sequence, Progress::done});
        } else {
            if (held_.insert(delivery.sequence % DurableQueue::most_span).second) take(payload);
            due_.push_back({delivery.sequence, Progress::received});
        }
    }
    void take(const std::string& payload) {
        if (got[payload]++ == 0) order.push_back(payload);
    }
    void release(std::uint64_t sequence) {
        held_.erase(sequence % DurableQueue::most_span);
        due_.push_back({sequence, Progress::done});
    }

    void publish(std::uint16_t id) {
        const Outgoing& message = outgoing_.at(id);
        Draft draft;
        draft.topic = *Topic::parse({}, message.topic);
        draft.payload = as_bytes(message.payload);
        draft.qos = message.qos;
        if (message.qos == Qos::exactly_once) draft.exactly_once_id = id;
        gate().publish(*session_, std::move(draft), Token{id});
    }
    void resume() {
        released_ = 0;
        if (!subscribed && !wanted_.empty()) subscribe(wanted_);
        std::vector<std::uint16_t> ids;
        for (const auto& [id, message] : outgoing_) ids.push_back(id);
        for (const std::uint16_t id : ids)
            outgoing_.at(id).received ? gate().release(*session_, id, Token{release_token + id}) : publish(id);
    }
    void settled(Token token, const Receipt& receipt) {
        ASSERT_EQ(receipt.code, Errc::ok);
        if (token.value == subscribe_token) {
            subscribed = true;
        } else if (token.value > release_token) {
            outgoing_.erase(static_cast<std::uint16_t>(token.value - release_token));
        } else {
            const auto id = static_cast<std::uint16_t>(token.value);
            Outgoing& message = outgoing_.at(id);
            if (message.qos == Qos::at_least_once) {
                outgoing_.erase(id);
            } else {
                message.received = true;
                gate().release(*session_, id, Token{release_token + id});
            }
        }
    }

    std::string name_;
    std::string wanted_;
    TestCluster* cluster_ = nullptr;
    std::unique_ptr<FakeSession> session_;
    std::deque<std::pair<std::uint64_t, Progress>> due_;
    std::set<std::uint64_t> held_;
    std::size_t released_ = 0;
    std::map<std::uint16_t, Outgoing> outgoing_;
    std::uint64_t sent_ = 0;
};

/// Some publishers and subscribers, and a gateway that dies now and then.
class Lives {
public:
    Lives(std::uint64_t seed, std::uint16_t cores) : random_(seed), cores_(cores) {
        for (int i = 0; i < 3; ++i) subscribers_.emplace_back("subscriber" + std::to_string(i));
        for (int i = 0; i < 2; ++i) publishers_.emplace_back("publisher" + std::to_string(i));
        begin();
        for (Client& each : subscribers_) {
            each.connect(*cluster_);
            each.subscribe("t");
        }
        finish_work();
    }

    void live(int steps) {
        for (int i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) step();
    }

    void crash(bool other_core_count) {
        for (Client* each : all()) each->lose();
        if (other_core_count) cores_ = static_cast<std::uint16_t>(1 + random_.below(4));
        begin();
    }

    /// Everybody comes, and everything is brought to its end.
    void finish() {
        for (Client* each : all())
            if (!each->connected()) each->connect(*cluster_);
        finish_work();
    }

    void check() {
        EXPECT_EQ(cluster_->unreadable, 0u);
        EXPECT_EQ(cluster_->lost, 0u);
        for (Client& publisher : publishers_) EXPECT_EQ(publisher.outgoing(), 0u);
        for (Client& subscriber : subscribers_) check(subscriber);
        for (std::uint16_t core = 0; core < cores_; ++core) EXPECT_EQ(cluster_->gate(core).durable_sessions().messages().size(), 0u);
    }

    /// Only the sessions themselves, their subscriptions and nothing else.
    void check_store() {
        cluster_->advance(1s);
        cluster_->commit();
        EXPECT_EQ(store_->records().size(), 5u + 3u);
    }

private:
    void check(const Client& subscriber) {
        for (std::size_t i = 0; i < publishers_.size(); ++i) {
            for (std::uint64_t number = 1; number <= publishers_[i].sent(); ++number) {
                const std::string payload = "publisher" + std::to_string(i) + " " + std::to_string(number);
                const auto found = subscriber.got.find(payload);
                ASSERT_NE(found, subscriber.got.end()) << payload << " is lost";
                if (qos_of(number) == Qos::exactly_once) {
                    EXPECT_EQ(found->second, 1) << payload;
                }
            }
            std::uint64_t last = 0;
            for (const std::string& payload : subscriber.order) {
                if (!payload.starts_with("publisher" + std::to_string(i))) continue;
                const std::uint64_t number = std::stoull(payload.substr(payload.find(' ')));
                EXPECT_GT(number, last) << "out of order";
                last = number;
            }
        }
    }

    static Qos qos_of(std::uint64_t number) { return number % 2 == 0 ? Qos::exactly_once : Qos::at_least_once; }

    void begin() {
        cluster_.reset();
        store_ = store_ ? std::make_unique<ModelStore>(std::move(*store_).crash()) : std::make_unique<ModelStore>();
        cluster_.emplace(cores_, random_.below(1'000'000), PolicyPtr{}, Limits{}, store_.get());
    }

    std::vector<Client*> all() {
        std::vector<Client*> clients;
        for (Client& each : subscribers_) clients.push_back(&each);
        for (Client& each : publishers_) clients.push_back(&each);
        return clients;
    }

    void step() {
        Client& any = *all()[random_.below(subscribers_.size() + publishers_.size())];
        Client& publisher = publishers_[random_.below(publishers_.size())];
        switch (random_.below(10)) {
        case 0: any.connected() ? any.disconnect() : any.connect(*cluster_); break;
        case 1:
        case 2:
            if (publisher.connected()) publisher.publish("t", qos_of(publisher.sent() + 1));
            break;
        case 3: store_->commit_some(random_); break;
        case 4: cluster_->flush(); break;
        case 5: cluster_->pass(Duration(random_.below(100'000'000))); break;
        case 6:
        case 7: any.answer(); break;
        default: cluster_->step();
        }
    }

    void finish_work() {
        for (bool more = true; more;) {
            cluster_->commit();
            more = false;
            for (Client* each : all()) more |= each->answer();
        }
    }

    SeededRandom random_;
    std::uint16_t cores_;
    std::unique_ptr<ModelStore> store_;
    std::optional<TestCluster> cluster_;
    std::deque<Client> subscribers_;
    std::deque<Client> publishers_;
};

void survive(std::uint16_t cores, bool other_core_count) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed) + ", cores " + std::to_string(cores));
        Lives lives(seed, cores);
        for (int life = 0; life < 4; ++life) {
            lives.live(100 + static_cast<int>(seed * 7 % 50));
            lives.crash(other_core_count);
        }
        lives.finish();
        lives.check();
        lives.check_store();
        if (testing::Test::HasFailure()) return;
    }
}

TEST(DurableCrash, NothingIsLostOnOneCore) { survive(1, false); }
TEST(DurableCrash, NothingIsLostOnTwoCores) { survive(2, false); }
TEST(DurableCrash, NothingIsLostOnFourCores) { survive(4, false); }
TEST(DurableCrash, NothingIsLostWhenTheNumberOfCoresChanges) { survive(3, true); }

}  // namespace
}  // namespace junctor
