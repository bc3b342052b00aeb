#include "core/runtime/blocking_stream.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "core/ports/client.hpp"
#include "core/runtime/tls_context.hpp"

namespace junctor {

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;
using Names = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;
using TlsClientContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using TlsConnection = std::unique_ptr<SSL, decltype(&SSL_free)>;

std::string place_of(const BlockingStream::Options& options) {
    const bool v6 = options.host.find(':') != std::string::npos;
    return (v6 ? "[" + options.host + "]" : options.host) + ":" + options.port;
}

[[noreturn]] void fail(const BlockingStream::Options& options, const std::string& why) {
    throw ClientError("cannot connect to " + place_of(options) + ": " + why);
}

int milliseconds_until(SteadyTime deadline) {
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(rest.count(), 0, 1 << 30));
}

/// False when the deadline passed first.
bool wait_for(int descriptor, short events, SteadyTime deadline) {
    pollfd watched{descriptor, events, 0};
    for (;;) {
        const int ready = poll(&watched, 1, milliseconds_until(deadline));
        if (ready > 0) return true;
        if (ready == 0) return false;
        if (errno != EINTR) return true;  // the next call on the descriptor says what is wrong
    }
}

/// The system's resolver would take it modulo 65,536.
void require_port(const BlockingStream::Options& options) {
    if (!std::ranges::all_of(options.port, [](char c) { return c >= '0' && c <= '9'; })) return;  // the name of a service
    if (options.port.size() > 5 || std::stoul(options.port) - 1 > 65'534) fail(options, "a port is a number from 1 to 65535");
}

Names resolve(const BlockingStream::Options& options) {
    require_port(options);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    const int error = getaddrinfo(options.host.c_str(), options.port.c_str(), &hints, &found);
    if (error == EAI_SERVICE) fail(options, "no service has that name; a port is a number from 1 to 65535");
    if (error != 0) fail(options, gai_strerror(error));
    return {found, &freeaddrinfo};
}

/// A connected descriptor, or the errno that says why not, negative.
int connect_to(const addrinfo& address, SteadyTime deadline) {
    const int descriptor = socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address.ai_protocol);
    if (descriptor < 0) return -errno;
    int error = connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
        socklen_t size = sizeof error;
        if (!wait_for(descriptor, POLLOUT, deadline)) error = ETIMEDOUT;
        else getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error == 0) return descriptor;
    ::close(descriptor);
    return -error;
}

std::string why_not(int error) {
    const std::string said = std::strerror(error);
    return error == ECONNREFUSED ? said + "; nothing listens there: start it ('junctor run'), or name the address that its table shows" : said;
}

class PlainStream : public BlockingStream {
public:
    explicit PlainStream(const Options& options) : options_(options) {
        const SteadyTime deadline = deadline_after(options.timeout);
        const Names addresses = resolve(options);
        int result = -EADDRNOTAVAIL;
        for (const addrinfo* address = addresses.get(); address && result < 0; address = address->ai_next)
            result = connect_to(*address, deadline);
        if (result < 0) fail(options, why_not(-result));
        descriptor_ = result;
        const int on = 1;
        setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }

    ~PlainStream() override { ::close(descriptor_); }

    void send(Bytes bytes) override {
        const SteadyTime deadline = deadline_after(options_.timeout);
        while (!bytes.empty()) {
            const ssize_t count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
            else if (errno == EAGAIN) wait_or_fail(POLLOUT, deadline);
            else if (errno != EINTR) lost(std::strerror(errno));
        }
    }

    std::size_t receive(std::span<std::uint8_t> into, Duration wait) override {
        const SteadyTime deadline = deadline_after(wait);
        for (;;) {
            const ssize_t count = recv(descriptor_, into.data(), into.size(), 0);
            if (count > 0) return static_cast<std::size_t>(count);
            if (count == 0) lost("the server closed the connection");
            if (errno != EAGAIN && errno != EINTR) lost(std::strerror(errno));
            if (!wait_for(descriptor_, POLLIN, deadline)) return 0;
        }
    }

protected:
    static SteadyTime deadline_after(Duration wait) { return std::chrono::steady_clock::now() + wait; }

    [[noreturn]] void lost(const std::string& why) const {
        throw ClientError("the connection to " + place_of(options_) + " is lost: " + why);
    }

    void wait_or_fail(short events, SteadyTime deadline) const {
        if (!wait_for(descriptor_, events, deadline)) lost("no progress in time");
    }

    const Options options_;
    int descriptor_ = -1;
};

class TlsStream final : public PlainStream {
public:
    explicit TlsStream(const Options& options) : PlainStream(options) {
        if (!context_) fail(options, "TLS cannot be set up");
        SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
        trust();
        show_certificate();
        tls_.reset(SSL_new(context_.get()));
        name_server();
        SSL_set_fd(tls_.get(), descriptor_);
        handshake();
    }

    void send(Bytes bytes) override {
        const SteadyTime deadline = deadline_after(options_.timeout);
        while (!bytes.empty()) {
            ERR_clear_error();
            const int count = SSL_write(tls_.get(), bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 1 << 20)));
            if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
            else if (!wait_for_progress(count, deadline)) lost("no progress in time");
        }
    }

    std::size_t receive(std::span<std::uint8_t> into, Duration wait) override {
        const SteadyTime deadline = deadline_after(wait);
        for (;;) {
            ERR_clear_error();
            const int count = SSL_read(tls_.get(), into.data(), static_cast<int>(into.size()));
            if (count > 0) return static_cast<std::size_t>(count);
            if (!wait_for_progress(count, deadline)) return 0;
        }
    }

private:
    void trust() {
        SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        if (options_.insecure) return;
        SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
        if (options_.ca_file.empty()) {
            SSL_CTX_set_default_verify_paths(context_.get());
        } else if (SSL_CTX_load_verify_locations(context_.get(), options_.ca_file.c_str(), nullptr) != 1) {
            throw ClientError("cannot use the CA file '" + options_.ca_file + "': " + tls_error("no certificate in it"));
        }
    }

    void show_certificate() {
        if (options_.cert_file.empty()) return;
        if (SSL_CTX_use_certificate_chain_file(context_.get(), options_.cert_file.c_str()) != 1)
            throw ClientError("cannot use the certificate '" + options_.cert_file + "': " + tls_error("no certificate in it"));
        const std::string& key = options_.key_file.empty() ? options_.cert_file : options_.key_file;
        if (SSL_CTX_use_PrivateKey_file(context_.get(), key.c_str(), SSL_FILETYPE_PEM) != 1)
            throw ClientError("cannot use the private key '" + key + "': " + tls_error("it does not belong to the certificate"));
    }

    /// SNI and the name that the certificate must have; a numeric address must be in it as such.
    void name_server() {
        in6_addr numeric{};
        const char* host = options_.host.c_str();
        X509_VERIFY_PARAM* rules = SSL_get0_param(tls_.get());
        if (inet_pton(AF_INET, host, &numeric) == 1 || inet_pton(AF_INET6, host, &numeric) == 1) {
            X509_VERIFY_PARAM_set1_ip_asc(rules, host);
            return;
        }
        SSL_ctrl(tls_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host));
        X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        X509_VERIFY_PARAM_set1_host(rules, host, 0);
    }

    void handshake() {
        const SteadyTime deadline = deadline_after(options_.timeout);
        for (;;) {
            ERR_clear_error();
            const int done = SSL_connect(tls_.get());
            if (done == 1) return;
            const long verdict = SSL_get_verify_result(tls_.get());
            if (!options_.insecure && verdict != X509_V_OK) fail(options_, X509_verify_cert_error_string(verdict));
            if (!make_progress(done, deadline)) fail(options_, "no TLS handshake in time");
        }
    }

    bool make_progress(int result, SteadyTime deadline) {
        try {
            return wait_for_progress(result, deadline);
        } catch (const ClientError& error) {
            throw ClientError(std::string(error.what()) + "; is this address encrypted? Schemes without TLS are mqtt://, http:// and ws://");
        }
    }

    /// After a call that returned `result` without success. False when the deadline passed; throws when the connection is over.
    bool wait_for_progress(int result, SteadyTime deadline) {
        switch (SSL_get_error(tls_.get(), result)) {
            case SSL_ERROR_WANT_READ: return wait_for(descriptor_, POLLIN, deadline);
            case SSL_ERROR_WANT_WRITE: return wait_for(descriptor_, POLLOUT, deadline);
            case SSL_ERROR_ZERO_RETURN: lost("the server closed the connection");
            default: lost(tls_error("the server closed the connection"));
        }
    }

    TlsClientContext context_{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free};
    TlsConnection tls_{nullptr, &SSL_free};
};

}  // namespace

std::unique_ptr<BlockingStream> connect_blocking(const BlockingStream::Options& options) {
    if (options.tls) {
        std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
        return std::make_unique<TlsStream>(options);
    }
    return std::make_unique<PlainStream>(options);
}

}  // namespace junctor
