#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connectors/matrix/backend_settings.hpp"
#include "connectors/matrix/codec.hpp"
#include "connectors/matrix/transactions.hpp"
#include "core/ports/host.hpp"
#include "core/ports/http.hpp"

namespace junctor::matrix {

/// Where a homeserver calls the gateway as its application service (application service API): transactions are read on the core that has
/// the connection and handed to the backend's core. Nobody without the hs_token gets more than a refusal, nor may send more than a little.
class ServiceDoor : public std::enable_shared_from_this<ServiceDoor> {
public:
    /// A body at most: a hundred of the largest events, twice over.
    static constexpr std::size_t most_body = 16U << 20;

    /// Runs a task on the backend's core.
    using Post = std::function<void(std::function<void()>)>;
    /// On the backend's core; answers once.
    using Take = std::function<void(std::string id, PushedEvents events, Transactions::Answer answer)>;

    explicit ServiceDoor(const BackendSettings& settings);

    /// On the main thread; the routes hold the door.
    void open(Host& host);
    /// From now on transactions are taken; the homeserver is asked to come again before that, and after `stop`.
    void start(Post post, Take take) { inside_.store(std::make_shared<const Inside>(Inside{std::move(post), std::move(take)})); }
    void stop() noexcept { inside_.store(nullptr); }

private:
    using ExchangePtr = std::shared_ptr<HttpExchange>;
    struct Inside {
        Post post;
        Take take;
    };

    HttpHandler guarded(void (ServiceDoor::*serve)(const ExchangePtr&));
    bool admits(const ExchangePtr& exchange) const;
    void transaction(const ExchangePtr& exchange);
    void user(const ExchangePtr& exchange);
    void room(const ExchangePtr& exchange);
    void ping(const ExchangePtr& exchange);

    const ListenSettings settings_;
    std::vector<std::string> aliases_;  ///< of rooms that the gateway makes
    Host* host_ = nullptr;
    std::atomic<std::shared_ptr<const Inside>> inside_;
};

}  // namespace junctor::matrix
