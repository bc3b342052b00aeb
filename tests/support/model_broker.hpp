#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/ports/backend.hpp"
#include "tests/support/seeded_random.hpp"

namespace junctor::test {

/// A broker between gateways, in one thread, whose packets take as long as a seed says: each way of each connection keeps its order, and
/// `cut` loses what is on the way. It keeps what a gateway has not acknowledged, and remembers gateways that are cut off.
class ModelBroker {
public:
    explicit ModelBroker(std::uint64_t seed = 1, const BackendTraits& traits = all_traits()) : random_(seed), traits_(traits) {}
    ~ModelBroker();

    static BackendTraits all_traits() noexcept;

    /// Outlived by this.
    std::unique_ptr<Backend> backend_for(const std::string& gateway);

    /// Carries one packet; false when there is none.
    bool step();
    /// The connection breaks: what is on the way is lost. The gateway hears of it.
    void cut(const std::string& gateway);
    /// It stands again: both sides send anew what the other has not acknowledged.
    void join(const std::string& gateway);
    /// As a stranger at the broker would, who knows nothing of gateways.
    void publish(const std::string& topic, const std::string& payload, bool retain = false, std::unique_ptr<Extras> extras = {});
    /// Subscriptions of that gateway at present, sorted.
    std::vector<std::string> interest(const std::string& gateway) const;

    /// Called for every message that comes in, before it goes on. For what a broker may do: repeat, refuse.
    std::function<Errc(const std::string& topic)> judge = [](const std::string&) { return Errc::ok; };

private:
    class Side;
    struct Message;
    using MessagePtr = std::shared_ptr<const Message>;

    void take(Side& from, const MessagePtr& message, std::uint64_t number);
    std::uint32_t spread(const MessagePtr& message);
    std::uint32_t pass_on(const MessagePtr& message);
    std::uint32_t give_to_one(const MessagePtr& message, const std::string& group, const std::vector<Side*>& members);
    void take_subscription(Side& from, const TopicFilter& filter);

    SeededRandom random_;
    const BackendTraits traits_;
    std::map<std::string, Side*> sides_;
    std::map<std::string, MessagePtr> retained_;
    std::map<std::string, std::size_t> turns_;  ///< of groups
};

}  // namespace junctor::test
