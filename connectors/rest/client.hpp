#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connectors/rest/codec_sse.hpp"
#include "core/ports/client.hpp"
#include "core/web/http_client.hpp"

namespace junctor::rest {

/// Role 3: `junctor pub|sub|request http://...`. A subscription is an event stream on a connection of its own.
class RestClient final : public Client {
public:
    explicit RestClient(const ClientOptions& options, web::Dial dial = connect_blocking);

    void publish(const ClientMessage& message) override;
    void subscribe(const std::string& filter, Qos qos) override;
    void unsubscribe(const std::string& filter) override;
    std::optional<ClientMessage> receive(Duration wait) override;
    ClientMessage request(const ClientMessage& message, Duration wait) override;
    void reply(const ClientMessage& to, ClientMessage answer) override;

private:
    struct Subscription {
        std::string filter;
        web::HttpClient http;
        SseDecoder events;
    };

    HttpRequest post(const std::string& collection, const ClientMessage& message) const;
    std::optional<ClientMessage> next_event(Subscription& subscription, Duration wait);

    ClientOptions options_;
    web::Dial dial_;
    web::Url url_;
    std::string path_;
    web::HttpClient http_;
    std::vector<std::unique_ptr<Subscription>> subscriptions_;
};

}  // namespace junctor::rest
