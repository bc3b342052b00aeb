#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace junctor::web {

/// A server on a free port of this machine, with a thread per connection: whatever a request (head and body, as they came) is answered
/// with goes out as it is.
class LoopbackServer {
public:
    struct Answer {
        std::string bytes;
        bool closes = false;  ///< afterwards
        bool hangs = false;   ///< says nothing more until the client goes
    };
    using Handler = std::function<Answer(const std::string& request)>;

    /// With `tls`, which outlives it: over TLS.
    explicit LoopbackServer(Handler handler, boost::asio::ssl::context* tls = nullptr) : handler_(std::move(handler)), tls_(tls) {
        acceptor_.open(boost::asio::ip::tcp::v4());
        acceptor_.bind({boost::asio::ip::address_v4::loopback(), 0});
        acceptor_.listen();
        port_ = acceptor_.local_endpoint().port();
        accepting_ = std::thread([this] { accept(); });
    }

    ~LoopbackServer() {
        stopping_ = true;
        ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
        accepting_.join();
        for (Connection& each : connections_) ::shutdown(each.socket.native_handle(), SHUT_RDWR);
        for (Connection& each : connections_) each.thread.join();
    }

    std::string port() const { return std::to_string(port_); }
    std::string url(const std::string& path = "/") const { return (tls_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + port() + path; }
    int connections() const { return accepted_; }
    int requests() const { return requests_; }

private:
    struct Connection {
        explicit Connection(boost::asio::io_context& io) : socket(io) {}
        boost::asio::ip::tcp::socket socket;
        std::thread thread;
    };

    void accept() {
        for (;;) {
            Connection& next = connections_.emplace_back(io_);
            boost::system::error_code error;
            acceptor_.accept(next.socket, error);
            if (error || stopping_) {
                connections_.pop_back();
                return;
            }
            ++accepted_;
            next.thread = std::thread([this, &next] { tls_ ? serve_tls(next) : serve(next.socket); ::shutdown(next.socket.native_handle(), SHUT_RDWR); });
        }
    }

    void serve_tls(Connection& connection) {
        boost::asio::ssl::stream<boost::asio::ip::tcp::socket&> stream(connection.socket, *tls_);
        boost::system::error_code error;
        stream.handshake(boost::asio::ssl::stream_base::server, error);
        if (!error) serve(stream);
    }

    template <class Stream>
    void serve(Stream& stream) {
        std::string unread;
        boost::system::error_code error;
        while (const std::optional<std::string> request = read_request(stream, unread)) {
            ++requests_;
            const Answer answer = handler_(*request);
            boost::asio::write(stream, boost::asio::buffer(answer.bytes), error);
            if (answer.closes || error) return;
            if (answer.hangs) read_request(stream, unread);
        }
    }

    template <class Stream>
    std::optional<std::string> read_request(Stream& stream, std::string& unread) {
        for (;;) {
            const std::size_t head = unread.find("\r\n\r\n");
            if (head != std::string::npos && unread.size() >= head + 4 + length(unread)) {
                const std::string request = unread.substr(0, head + 4 + length(unread));
                unread.erase(0, request.size());
                return request;
            }
            char piece[4096];
            boost::system::error_code error;
            const std::size_t count = stream.read_some(boost::asio::buffer(piece), error);
            if (error) return std::nullopt;
            unread.append(piece, count);
        }
    }

    static std::size_t length(const std::string& request) {
        constexpr std::string_view name = "Content-Length: ";
        const std::size_t at = request.find(name);
        return at == std::string::npos ? 0 : std::stoul(request.substr(at + name.size()));
    }

    Handler handler_;
    boost::asio::ssl::context* tls_;
    boost::asio::io_context io_;
    boost::asio::ip::tcp::acceptor acceptor_{io_};
    unsigned short port_ = 0;
    std::atomic<bool> stopping_{false};
    std::atomic<int> accepted_{0};
    std::atomic<int> requests_{0};
    std::list<Connection> connections_;
    std::thread accepting_;
};

}  // namespace junctor::web
