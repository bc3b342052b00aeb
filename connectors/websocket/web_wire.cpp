#include "connectors/websocket/client.hpp"
#include "core/web/websocket_client.hpp"

namespace junctor::websocket {
namespace {

class WebWire final : public FrameWire {
public:
    explicit WebWire(const web::WebSocketClient::Options& options) : client_(options) {}
    ~WebWire() override { say_goodbye(); }

    void send(std::string_view frame) override { client_.send_text(frame); }

    std::optional<std::string> receive(Duration wait) override {
        const std::optional<ByteBuffer> frame = client_.receive(wait);
        if (!frame) return std::nullopt;
        return std::string(as_text(*frame));
    }

private:
    void say_goodbye() noexcept {
        try {
            client_.close();
        } catch (const ClientError&) {
            // The connection has gone already: there is nobody left to say it to.
        }
    }

    web::WebSocketClient client_;
};

}  // namespace

std::unique_ptr<Client> make_client(const ClientOptions& options) {
    web::WebSocketClient::Options how;
    how.url = web::Url::parse(options.url);
    if (how.url.path.empty() || how.url.path == "/") how.url.path = "/ws";
    how.how = web::stream_options(how.url, options);
    how.headers = web::authorization(options);
    how.dial = connect_blocking;
    return std::make_unique<JsonClient>(std::make_unique<WebWire>(how), options);
}

}  // namespace junctor::websocket
