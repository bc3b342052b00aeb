#pragma once

#include <deque>
#include <list>
#include <memory>

#include "connectors/rest/codec_sse.hpp"
#include "core/ports/host.hpp"
#include "tests/simulation/client.hpp"
#include "tests/support/fake_exchange.hpp"

namespace junctor::simulation {

/// An HTTP client that always reaches the same core. Each of its event streams is a life of its own, as it is a session of its
/// own to the gateway.
class RestClient final : public Client {
public:
    RestClient(Surroundings around, std::string name, const std::vector<std::pair<Address, HttpRoute>>& routes);
    ~RestClient() override;

    bool ready() const override { return connected_ && !dismissed_; }
    bool connected() const override { return connected_; }
    void connect(const std::string& session_name) override;
    void cut() override;
    void stall(bool stalled) override;
    bool stalled() const override { return stalled_; }
    void drain(std::size_t core) override;
    bool turn() override;

private:
    struct Call {
        std::shared_ptr<test::FakeExchange> exchange;
        std::optional<std::size_t> number;  ///< none: a reply
        bool begun = false;
    };
    struct EventStream {
        std::shared_ptr<test::FakeExchange> exchange;
        std::size_t subscription;
        std::size_t life;
        bool begun = false;
        rest::SseDecoder decoder{};
    };

    bool knows(Kind) const override { return true; }
    void send_publication(std::size_t number) override;
    void send_subscribe(std::size_t subscription) override;
    void send_unsubscribe(std::size_t subscription) override;
    void send_reply(const std::string& reply_to, const std::string& correlation, const std::string& payload) override;

    std::shared_ptr<test::FakeExchange> exchange_for(std::string method, std::string path, std::string query, std::string body);
    void serve(const std::shared_ptr<test::FakeExchange>& exchange);
    bool start_call();
    bool finish_call();
    bool move_stream(EventStream& stream);
    bool read_stream(EventStream& stream);
    void take_event(const EventStream& stream, const std::string& data);

    const std::vector<std::pair<Address, HttpRoute>>& routes_;
    std::size_t core_;
    bool connected_ = false;
    bool stalled_ = false;
    bool dismissed_ = false;    ///< its connection takes no further request
    std::deque<Call> waiting_;  ///< in the network
    std::list<Call> calls_;     ///< being served
    std::list<EventStream> streams_;
};

}  // namespace junctor::simulation
