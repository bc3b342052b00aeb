#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "connectors/rest/codec_sse.hpp"
#include "core/ports/client.hpp"
#include "core/web/http_client.hpp"

namespace junctor::rest {

/// Role 3: `junctor pub|sub|request http://...`. A subscription is an event stream on a connection of its own; a durable session is
/// read by long-polls, each of which acknowledges what the one before has brought.
class RestClient final : public Client {
public:
    explicit RestClient(const ClientOptions& options, web::Dial dial = connect_blocking);

    void publish(const ClientMessage& message) override;
    void subscribe(const std::string& filter, Qos qos) override;
    void unsubscribe(const std::string& filter) override;
    HistoryOutcome outcome() const override { return outcome_; }
    std::optional<ClientMessage> receive(Duration wait) override;
    ClientMessage request(const ClientMessage& message, Duration wait) override;
    void reply(const ClientMessage& to, ClientMessage answer) override;

private:
    struct Subscription {
        std::string filter;
        web::HttpClient http;
        SseDecoder events;
    };

    bool durable() const noexcept { return options_.session_expiry > Duration::zero(); }
    void poll_session(Duration wait);
    std::optional<ClientMessage> receive_from_session(Duration wait);
    HttpRequest post(const std::string& collection, const ClientMessage& message) const;
    std::optional<ClientMessage> next_event(Subscription& subscription, Duration wait);

    ClientOptions options_;
    web::Dial dial_;
    web::Url url_;
    std::string path_;
    web::HttpClient http_;
    std::vector<std::unique_ptr<Subscription>> subscriptions_;
    std::string session_filter_;           ///< asked for last; the session holds all of them
    Qos session_qos_ = Qos::at_least_once;
    std::string seen_;                     ///< the id of the last event taken
    std::deque<ClientMessage> taken_;
    HistoryOutcome outcome_;
};

}  // namespace junctor::rest
