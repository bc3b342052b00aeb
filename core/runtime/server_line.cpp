#include "core/runtime/server_line.hpp"

#include <array>
#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/base/setup_error.hpp"

namespace junctor {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::seconds connect_timeout{10};
constexpr std::size_t read_bytes = 64 << 10;
/// What the core has not taken yet, at most: then nothing more is read.
constexpr std::size_t most_waiting_bytes = 4 << 20;

struct Event {
    enum class What : std::uint8_t { up, down, bytes };

    What what = What::up;
    std::uint64_t connection = 0;  ///< what came of an earlier one is nobody's
    std::string text{};
    ByteBuffer bytes{};
};

/// Between the line's thread and the core.
struct Inbox {
    std::mutex mutex;
    std::vector<Event> events;
    std::size_t bytes = 0;
    bool posted = false;
};

/// The other way: what is said before the line's thread looks goes out in one write.
struct Outgoing {
    std::mutex mutex;
    std::uint64_t connection = 0;
    ByteBuffer bytes;
    bool posted = false;
};

class SocketLine;

/// What the core holds of the line, for tasks that are posted to it.
struct Anchor {
    SocketLine* line = nullptr;  ///< touched on the core only
};

std::shared_ptr<asio::ssl::context> trust(const ServerLine::Target& target) {
    if (!target.tls) return nullptr;
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
    std::string file = target.ca_file;
    try {
        SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
        context->set_verify_mode(asio::ssl::verify_peer);
        target.ca_file.empty() ? context->set_default_verify_paths() : context->load_verify_file(target.ca_file);
        if (!target.certificate.empty()) {
            file = target.certificate;
            context->use_certificate_chain_file(target.certificate);
            file = target.key;
            context->use_private_key_file(target.key, asio::ssl::context::pem);
        }
    } catch (const boost::system::system_error& error) {
        throw SetupError("cannot use '" + file + "': " + error.code().message());
    }
    return context;
}

/// One connection, on the line's thread. Its operations hold it.
class Connection final : public std::enable_shared_from_this<Connection> {
    /// A handler for this object that is not called after `close`.
    template <class Use>
    auto then(Use use) {
        return [self = shared_from_this(), use](const error_code& error, auto&&... more) {
            if (!self->closed_) use(*self, error, std::forward<decltype(more)>(more)...);
        };
    }

    template <class Use>
    void on_stream(Use use) {
        tls_ ? use(*tls_) : use(socket_);
    }

public:
    using Report = std::function<bool(Event&&)>;  ///< false: enough for now

    Connection(asio::io_context& io, const ServerLine::Target& target, std::shared_ptr<asio::ssl::context> trust, std::uint64_t number, Report report,
               std::shared_ptr<std::atomic<std::size_t>> unsent)
        : target_(target),
          trust_(std::move(trust)),
          number_(number),
          report_(std::move(report)),
          unsent_(std::move(unsent)),
          resolver_(io),
          socket_(io),
          deadline_(io) {}

    void begin() {
        deadline_.expires_after(connect_timeout);
        deadline_.async_wait(then([](Connection& self, const error_code& error) {
            if (!error && !self.up_) self.fail("no connection in time");
        }));
        resolver_.async_resolve(target_.host, target_.port, tcp::resolver::numeric_service,
                                then([](Connection& self, const error_code& error, const tcp::resolver::results_type& found) {
                                    if (error) return self.fail(error.message());
                                    self.reach(found);
                                }));
    }

    void close() noexcept {
        closed_ = true;
        error_code ignored;
        resolver_.cancel();
        deadline_.cancel();
        socket_.close(ignored);
    }

    void send(ByteBuffer&& bytes) {
        if (closed_) return;
        waiting_.empty() ? waiting_.swap(bytes) : append(waiting_, Bytes(bytes));
        if (up_ && writing_.empty()) write();
    }

    void read_on() {
        if (std::exchange(stalled_, false)) read();
    }

private:
    void reach(const tcp::resolver::results_type& found) {
        asio::async_connect(socket_, found, then([](Connection& self, const error_code& error, const tcp::endpoint&) {
                                if (error) return self.fail(error.message());
                                error_code ignored;
                                self.socket_.set_option(tcp::no_delay(true), ignored);
                                self.trust_ ? self.shake_hands() : self.ready();
                            }));
    }

    void shake_hands() {
        tls_.emplace(socket_, *trust_);
        error_code no_address;
        asio::ip::make_address(target_.host, no_address);
        if (no_address) SSL_ctrl(tls_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(target_.host.c_str()));
        tls_->set_verify_callback(asio::ssl::host_name_verification(target_.host));
        tls_->async_handshake(asio::ssl::stream_base::client, then([](Connection& self, const error_code& error) {
                                  if (!error) return self.ready();
                                  const long verdict = SSL_get_verify_result(self.tls_->native_handle());
                                  self.fail(verdict == X509_V_OK ? error.message() : std::string("no good certificate: ") + X509_verify_cert_error_string(verdict));
                              }));
    }

    void ready() {
        up_ = true;
        deadline_.cancel();
        report_({Event::What::up, number_});
        read();
        if (!waiting_.empty()) write();
    }

    void write() {
        writing_.swap(waiting_);
        on_stream([this](auto& stream) {
            asio::async_write(stream, asio::buffer(writing_), then([](Connection& self, const error_code& error, std::size_t count) {
                                  *self.unsent_ -= count;
                                  if (error) return self.fail(error.message());
                                  self.writing_.clear();
                                  if (!self.waiting_.empty()) self.write();
                              }));
        });
    }

    void read() {
        on_stream([this](auto& stream) {
            stream.async_read_some(asio::buffer(input_), then([](Connection& self, const error_code& error, std::size_t count) {
                                       if (error) return self.fail(error == asio::error::eof ? "the server is gone" : error.message());
                                       self.received(count);
                                   }));
        });
    }

    void received(std::size_t count) {
        const auto end = input_.begin() + static_cast<std::ptrdiff_t>(count);
        stalled_ = !report_({Event::What::bytes, number_, {}, ByteBuffer(input_.begin(), end)});
        if (!stalled_) read();
    }

    void fail(const std::string& why) {
        close();
        report_({Event::What::down, number_, why});
    }

    const ServerLine::Target& target_;
    std::shared_ptr<asio::ssl::context> trust_;
    const std::uint64_t number_;
    Report report_;
    std::shared_ptr<std::atomic<std::size_t>> unsent_;
    tcp::resolver resolver_;
    tcp::socket socket_;
    std::optional<asio::ssl::stream<tcp::socket&>> tls_;
    asio::steady_timer deadline_;
    std::array<std::uint8_t, read_bytes> input_{};
    ByteBuffer waiting_;
    ByteBuffer writing_;
    bool up_ = false;
    bool stalled_ = false;
    bool closed_ = false;
};

class SocketLine final : public ServerLine {
public:
    SocketLine(Target target, Owner& owner, Post post)
        : target_(std::move(target)), owner_(owner), post_(std::move(post)), trust_(trust(target_)), thread_([this] { io_.run(); }) {
        anchor_->line = this;
    }

    ~SocketLine() override {
        anchor_->line = nullptr;
        asio::post(io_, [this] {
            end_connection();
            io_.stop();
        });
        thread_.join();
    }

    void connect() noexcept override {
        unread_.clear();
        unsent_ = std::make_shared<std::atomic<std::size_t>>(0);
        forget_outgoing(++connection_);
        asio::post(io_, [this, number = connection_, unsent = unsent_] { open(number, unsent); });
    }

    void drop() noexcept override {
        forget_outgoing(++connection_);
        unread_.clear();
        asio::post(io_, [this] { end_connection(); });
    }

    void send(Bytes bytes) noexcept override {
        *unsent_ += bytes.size();
        const std::scoped_lock lock(outgoing_.mutex);
        append(outgoing_.bytes, bytes);
        if (!std::exchange(outgoing_.posted, true)) asio::post(io_, [this, number = connection_] { send_outgoing(number); });
    }

    std::size_t unsent() const noexcept override { return *unsent_; }

private:
    /// What was said on an earlier connection stays there.
    void forget_outgoing(std::uint64_t connection) {
        const std::scoped_lock lock(outgoing_.mutex);
        outgoing_.connection = connection;
        outgoing_.bytes.clear();
        outgoing_.posted = false;
    }

    void send_outgoing(std::uint64_t connection) {
        ByteBuffer bytes;
        {
            const std::scoped_lock lock(outgoing_.mutex);
            if (outgoing_.connection != connection) return;
            bytes.swap(outgoing_.bytes);
            outgoing_.posted = false;
        }
        if (current_ && connection == open_number_) current_->send(std::move(bytes));
    }

    void end_connection() {
        if (current_) current_->close();
        current_.reset();
    }

    void open(std::uint64_t number, std::shared_ptr<std::atomic<std::size_t>> unsent) {
        end_connection();
        open_number_ = number;
        current_ = std::make_shared<Connection>(io_, target_, trust_, number, [this](Event&& event) { return push(std::move(event)); },
                                                std::move(unsent));
        current_->begin();
    }

    bool push(Event&& event) {
        const std::scoped_lock lock(inbox_.mutex);
        inbox_.bytes += event.bytes.size();
        inbox_.events.push_back(std::move(event));
        if (!std::exchange(inbox_.posted, true)) post_([anchor = anchor_] {
            if (anchor->line) anchor->line->drain();
        });
        return inbox_.bytes < most_waiting_bytes;
    }

    void drain() {
        std::vector<Event> events;
        {
            const std::scoped_lock lock(inbox_.mutex);
            events.swap(inbox_.events);
            inbox_.bytes = 0;
            inbox_.posted = false;
        }
        asio::post(io_, [this] {
            if (current_) current_->read_on();
        });
        const std::shared_ptr<Anchor> here = anchor_;  // the owner may end the line
        for (const Event& each : events)
            if (here->line) tell(each);
    }

    void tell(const Event& event) {
        if (event.connection != connection_) return;
        if (event.what == Event::What::up) return owner_.line_up();
        if (event.what == Event::What::down) return owner_.line_down(event.text);
        hand_over(event.bytes);
    }

    /// What arrived is copied only where something was left before it.
    void hand_over(const ByteBuffer& arrived) {
        const std::shared_ptr<Anchor> here = anchor_;
        const std::uint64_t number = connection_;
        const bool fresh = unread_.empty();
        if (!fresh) append(unread_, arrived);
        const Bytes all = fresh ? Bytes(arrived) : Bytes(unread_);
        const std::size_t used = owner_.received(all);
        if (!here->line || number != connection_) return;
        fresh ? unread_.assign(arrived.begin() + static_cast<std::ptrdiff_t>(used), arrived.end())
              : static_cast<void>(unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(used)));
        if (unread_.size() <= target_.receive_limit) return;
        drop();
        owner_.line_down("the server says more at once than is taken");
    }

    const Target target_;
    Owner& owner_;
    const Post post_;
    const std::shared_ptr<asio::ssl::context> trust_;
    const std::shared_ptr<Anchor> anchor_ = std::make_shared<Anchor>();
    std::uint64_t connection_ = 0;  ///< the latest, as the core sees it
    ByteBuffer unread_;
    std::shared_ptr<std::atomic<std::size_t>> unsent_ = std::make_shared<std::atomic<std::size_t>>(0);  ///< of the latest
    Inbox inbox_;
    Outgoing outgoing_;
    asio::io_context io_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
    // On the thread:
    std::shared_ptr<Connection> current_;
    std::uint64_t open_number_ = 0;
    std::thread thread_;
};

}  // namespace

std::unique_ptr<ServerLine> make_server_line(ServerLine::Target target, ServerLine::Owner& owner, ServerLine::Post post) {
    return std::make_unique<SocketLine>(std::move(target), owner, std::move(post));
}

}  // namespace junctor
