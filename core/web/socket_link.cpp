#include "core/web/socket_link.hpp"

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <vector>

#include "core/web/address_guard.hpp"
#include "core/web/response_reader.hpp"

namespace junctor::web {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::uint32_t max_head = 64U << 10;

/// What the link and its operations hold together. From the connection on, one read is always under way: between two exchanges it
/// tells when the server goes.
class Conversation final : public std::enable_shared_from_this<Conversation> {
public:
    Conversation(asio::io_context& io, LinkTarget target, OutboundLink::User& user)
        : target_(std::move(target)), user_(&user), resolver_(io), socket_(io) {}

    void begin(const OutboundLink::Exchange& exchange) {
        wire_ = exchange.wire;
        limits_ = {max_head, exchange.max_body, exchange.bodiless};
        reader_ = ResponseReader(limits_);
        busy_ = silent_ = true;
        written_ = false;
        connected_ ? write() : find();
    }

    void close() noexcept {
        user_ = nullptr;
        ErrorCode ignored;
        resolver_.cancel();
        socket_.close(ignored);
    }

private:
    /// A handler for this object that is not called after `close`.
    template <class Method>
    auto then(Method method) {
        return [self = shared_from_this(), method](const ErrorCode& error, auto&&... more) {
            if (self->user_) (self.get()->*method)(error, std::forward<decltype(more)>(more)...);
        };
    }

    template <class Use>
    void on_stream(Use use) {
        tls_ ? use(*tls_) : use(socket_);
    }

    void find() {
        ErrorCode no_address;
        const asio::ip::address literal = asio::ip::make_address(target_.url.host, no_address);
        if (no_address) return resolver_.async_resolve(target_.url.host, target_.url.port, tcp::resolver::numeric_service, then(&Conversation::resolved));
        const auto port = static_cast<std::uint16_t>(std::stoul(target_.url.port));
        asio::post(socket_.get_executor(), [self = shared_from_this(), endpoint = tcp::endpoint(literal, port)] {
            if (self->user_) self->found({endpoint}, self->target_.configured);
        });
    }

    void resolved(const ErrorCode& error, const tcp::resolver::results_type& results) {
        if (error) return fail(OutboundFailure::unresolved, error.message());
        std::vector<tcp::endpoint> endpoints;
        for (const auto& entry : results) endpoints.push_back(entry.endpoint());
        found(std::move(endpoints), false);
    }

    void found(std::vector<tcp::endpoint> endpoints, bool meant) {
        if (!meant) std::erase_if(endpoints, [](const tcp::endpoint& each) { return forbidden_address(each.address()); });
        if (endpoints.empty()) return fail(OutboundFailure::refused_address, "the name leads to a link-local or metadata address");
        endpoints_ = std::move(endpoints);
        asio::async_connect(socket_, endpoints_, then(&Conversation::reached));
    }

    void reached(const ErrorCode& error, const tcp::endpoint&) {
        if (error) return fail(OutboundFailure::unreachable, error.message());
        ErrorCode ignored;
        socket_.set_option(tcp::no_delay(true), ignored);
        target_.url.secure() ? shake_hands() : ready();
    }

    void shake_hands() {
        tls_.emplace(socket_, target_.trust->context());
        ErrorCode numeric;
        asio::ip::make_address(target_.url.host, numeric);
        if (numeric) SSL_ctrl(tls_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(target_.url.host.c_str()));
        tls_->set_verify_callback(asio::ssl::host_name_verification(target_.url.host));
        tls_->async_handshake(asio::ssl::stream_base::client, then(&Conversation::trusted));
    }

    void trusted(const ErrorCode& error) {
        if (!error) return ready();
        const long verdict = SSL_get_verify_result(tls_->native_handle());
        fail(OutboundFailure::untrusted, verdict == X509_V_OK ? error.message() : X509_verify_cert_error_string(verdict));
    }

    void ready() {
        connected_ = true;
        user_->connected();
        if (!user_) return;
        write();
        read();
    }

    void write() {
        // The buffer outlives a close half way: the handler holds it.
        on_stream([this](auto& stream) {
            asio::async_write(stream, asio::buffer(*wire_), [self = shared_from_this(), wire = wire_](const ErrorCode& error, std::size_t) {
                self->written_ = !error;  // if not, the read says why
            });
        });
    }

    void read() {
        on_stream([this](auto& stream) { stream.async_read_some(asio::buffer(input_), then(&Conversation::received)); });
    }

    void received(const ErrorCode& error, std::size_t count) {
        if (!busy_) return user_->gone();
        if (count > 0) silent_ = false;
        unread_.insert(unread_.end(), input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(count));
        consume();
        // A TLS stream that is cut off says so: only a goodbye ends an answer without a length.
        if (error == asio::error::eof && reader_.head_complete() && !reader_.complete()) reader_.end_of_stream();
        if (reader_.failed() && !error) return fail_reading();
        if (reader_.complete()) return answer(error);
        if (error) return fail(OutboundFailure::lost, error.message());
        read();
    }

    void consume() {
        for (;;) {
            const std::size_t consumed = reader_.read(unread_);
            unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(consumed));
            const bool interim = reader_.complete() && reader_.head().status / 100 == 1 && reader_.head().status != 101;
            if (!interim) return;
            reader_ = ResponseReader(limits_);
        }
    }

    void fail_reading() {
        if (reader_.too_large()) return fail(OutboundFailure::too_large, "the answer is larger than the limit");
        fail(OutboundFailure::malformed, "the answer is not HTTP");
    }

    void answer(const ErrorCode& error) {
        OutboundAnswer whole;
        whole.response = reader_.head();
        whole.response.body = reader_.take_body();
        if (whole.response.status == 101) return fail(OutboundFailure::malformed, "the server changes the protocol unasked");
        const bool reusable = !error && written_ && unread_.empty() && reader_.keep_alive();
        busy_ = false;
        if (reusable) read();
        user_->finished(std::move(whole), {reusable, false});
    }

    void fail(OutboundFailure why, std::string words) {
        busy_ = false;
        user_->finished(OutboundAnswer(why, std::move(words)), {false, silent_});
    }

    const LinkTarget target_;
    OutboundLink::User* user_;  ///< null: closed
    tcp::resolver resolver_;
    tcp::socket socket_;
    std::vector<tcp::endpoint> endpoints_;
    std::optional<asio::ssl::stream<tcp::socket&>> tls_;
    bool connected_ = false;
    bool busy_ = false;     ///< an exchange is under way
    bool silent_ = true;    ///< no byte of its answer has come
    bool written_ = false;  ///< its request is out
    std::shared_ptr<const ByteBuffer> wire_;
    ResponseReader::Limits limits_;
    ResponseReader reader_;
    ByteBuffer unread_;
    std::array<std::uint8_t, 16U << 10> input_;
};

class SocketLink final : public OutboundLink {
public:
    SocketLink(asio::io_context& io, LinkTarget target, User& user) : conversation_(std::make_shared<Conversation>(io, std::move(target), user)) {}
    ~SocketLink() override { conversation_->close(); }
    void begin(const Exchange& exchange) noexcept override { conversation_->begin(exchange); }

private:
    const std::shared_ptr<Conversation> conversation_;
};

}  // namespace

std::unique_ptr<OutboundLink> make_socket_link(asio::io_context& io, LinkTarget target, OutboundLink::User& user) {
    return std::make_unique<SocketLink>(io, std::move(target), user);
}

}  // namespace junctor::web
