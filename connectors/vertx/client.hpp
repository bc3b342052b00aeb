#pragma once

#include <deque>
#include <memory>
#include <string>

#include "connectors/vertx/codec.hpp"
#include "core/ports/client.hpp"
#include "core/runtime/blocking_stream.hpp"

namespace junctor::vertx {

/// The universal client's side of the TCP event bus bridge, junctor's or a Vert.x application's. The wire has no acknowledgement but for
/// pings, which are answered behind all that went before: each operation sends one and waits for it. What Vert.x does not know (wildcards,
/// QoS above 0, retained values, histories, named sessions, two headers of one name) is refused here, with a sentence.
class BusClient final : public Client {
public:
    /// On a stream that is connected. Logs in where the options hold a user or token; throws ClientError when that is refused.
    BusClient(std::unique_ptr<BlockingStream> stream, ClientOptions options);

    void publish(const ClientMessage& message) override;
    void subscribe(const std::string& filter, Qos qos) override;
    void unsubscribe(const std::string& filter) override;
    std::optional<ClientMessage> receive(Duration wait) override;
    ClientMessage request(const ClientMessage& message, Duration wait) override;
    void reply(const ClientMessage& to, ClientMessage answer) override;

private:
    void log_in();
    void send(const Frame& frame);
    /// `type`: how the message travels. With a `reply_address` its answer is waited for so long by the server.
    void send(Type type, const std::string& address, const ClientMessage& message, const std::string& reply_address = {}, Duration wait = {});
    /// Until all that was sent has been read and done there; ClientError for what was refused.
    void confirm();
    ClientMessage await_answer(const std::string& reply_address, Duration wait);
    /// One frame to where it belongs; false after `wait` without one.
    bool step(Duration wait);
    bool read_frame(Duration wait, Frame& frame);
    void take(const Frame& frame);
    void take_error(const Frame& frame);

    std::unique_ptr<BlockingStream> stream_;
    ClientOptions options_;
    FrameDecoder decoder_;
    ByteBuffer unread_;
    std::size_t used_ = 0;  ///< of `unread_`: the frame last handed out
    std::deque<ClientMessage> messages_;
    std::string awaited_;   ///< the reply address whose answer is awaited; empty: none is
    std::optional<ClientMessage> answer_;
    std::size_t pongs_ = 0;
    std::uint64_t last_request_ = 0;
    const std::string own_prefix_;  ///< of reply addresses
};

/// `vertx://host:port` and, with TLS, `vertxs://`; the port is 7000 where none stands.
std::unique_ptr<Client> make_client(const ClientOptions& options);

}  // namespace junctor::vertx
