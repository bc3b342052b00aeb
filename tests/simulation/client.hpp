#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/history.hpp"
#include "tests/support/test_cluster.hpp"

namespace junctor::simulation {

/// Where clients live: the gateway's kernel, the seed's choices, and what everybody writes down.
struct Surroundings {
    const std::unique_ptr<test::TestCluster>& cluster;  ///< another one after a crash
    test::SeededRandom& random;
    History& history;
    const bool& crashing;  ///< what ends now ends with the gateway
    std::size_t gateway;   ///< which one it is
};

/// A client of one protocol: a connection at a time, on whose other side stands the real protocol code of the gateway.
///
/// Nothing happens by itself: `turn` moves the wire by one small piece. Whatever it sees and does, it writes into the history.
class Client {
public:
    Client(Surroundings around, std::string name);
    virtual ~Client() = default;
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// How its protocol says what somebody wants.
    enum class Interest : std::uint8_t { none, filters, prefixes };
    virtual Interest interest() const { return Interest::filters; }

    /// It may ask for something now.
    virtual bool ready() const = 0;
    virtual bool connected() const = 0;
    /// Begins a connection that is to have this session name; empty: none.
    virtual void connect(const std::string& session_name) = 0;
    /// It has a session that waits for it.
    virtual bool awaited() const { return false; }
    /// The network takes the connection away.
    virtual void cut() = 0;
    /// It stops reading, or goes on.
    virtual void stall(bool stalled) = 0;
    virtual bool stalled() const = 0;
    /// Where it connects to.
    bool at(const test::TestCluster& gateway) const noexcept { return around_.cluster.get() == &gateway; }
    /// The gateway has died and remembers nothing.
    virtual void forgotten() {}
    /// The gateway says goodbye to what it has of this client on that core.
    virtual void drain(std::size_t core) = 0;
    /// Moves one piece of the wire. False: there is none to move.
    virtual bool turn() = 0;

    /// False where the protocol has no word for it.
    bool publish(const std::string& topic, Qos qos, bool retain);
    /// To one of all subscribers.
    bool send(const std::string& topic);
    bool request(const std::string& topic);
    /// `filter`: what `interest` says it is.
    void subscribe(const std::string& filter, Qos qos);
    /// Gives up one of its subscriptions; false when it has none.
    bool unsubscribe();
    /// The same of those by which it is in a group.
    bool leave_group();

protected:
    virtual bool knows(Kind kind) const = 0;
    /// What its wire promises at most.
    virtual Qos most_qos() const { return Qos::at_least_once; }
    virtual void send_publication(std::size_t number) = 0;
    virtual void send_subscribe(std::size_t subscription) = 0;
    virtual void send_unsubscribe(std::size_t subscription) = 0;
    virtual void send_reply(const std::string& reply_to, const std::string& correlation, const std::string& payload) = 0;

    // What the wire tells.
    std::size_t begin_life(const std::string& principal, const std::string& session_name, bool carries_type = true);
    /// Beside the one that publishes.
    std::size_t begin_side_life(const std::string& principal);
    void end_life(std::size_t life);
    void told(std::size_t life) { history().lives[life].told = history().step(); }
    void sent_away(std::size_t life) { history().lives[life].sent_away = true; }
    void taken(std::size_t number, bool well);
    void handed(std::size_t number) { publication(number).handed = history().step(); }
    void granted(std::size_t subscription, bool well);
    void left(std::size_t subscription);
    void outcome(std::size_t number, std::string payload) { publication(number).outcomes.push_back(std::move(payload)); }
    /// Notes it, and answers it when it is a request and the seed is in the mood.
    void arrived(Arrival arrival, const std::string& reply_to = {}, const std::string& correlation = {});

    /// The life that publishes; where subscriptions have lives of their own they say so in `send_subscribe`.
    std::size_t life() const noexcept { return life_; }
    Publication& publication(std::size_t number) { return history().publications[number]; }
    Subscription& subscription(std::size_t index) { return history().subscriptions[index]; }
    History& history() noexcept { return around_.history; }
    test::SeededRandom& random() noexcept { return around_.random; }
    test::TestCluster& cluster() noexcept { return *around_.cluster; }
    const Surroundings& around() const noexcept { return around_; }
    bool crashing() const noexcept { return around_.crashing; }
    /// The core with its clock of now.
    Core& core_at(std::size_t index);
    std::size_t any_core() { return random().below(cluster().count()); }
    const std::string& name() const noexcept { return name_; }

    /// A message that is to be sent; its number.
    std::size_t note_publication(const std::string& topic, Qos qos, Kind kind, bool retain);

private:
    bool give_up_one(bool shared_only);

    Surroundings around_;
    std::string name_;
    std::size_t life_ = 0;
};

}  // namespace junctor::simulation
