#include "core/runtime/tls_engine.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <ctime>
#include <memory>

namespace junctor {

/// The BIO through which OpenSSL sees us: it reads from `input_` and writes to `output_`, without a buffer of its own.
struct TlsTransport {
    static TlsEngine& engine(BIO* bio) noexcept { return *static_cast<TlsEngine*>(BIO_get_data(bio)); }

    static int read(BIO* bio, char* into, int size) noexcept {
        BIO_clear_retry_flags(bio);
        TlsEngine& tls = engine(bio);
        const std::size_t count = std::min(tls.input_.size(), static_cast<std::size_t>(size));
        if (count == 0) {
            BIO_set_retry_read(bio);
            return -1;
        }
        std::memcpy(into, tls.input_.data(), count);
        tls.input_ = tls.input_.subspan(count);
        return static_cast<int>(count);
    }

    static int write(BIO* bio, const char* from, int size) noexcept {
        BIO_clear_retry_flags(bio);
        TlsEngine& tls = engine(bio);
        assert(tls.pool_);
        tls.output_.append(*tls.pool_, as_bytes({from, static_cast<std::size_t>(size)}));
        return size;
    }

    static long control(BIO*, int command, long, void*) noexcept { return command == BIO_CTRL_FLUSH ? 1 : 0; }

    static BIO_METHOD* method() noexcept {
        static BIO_METHOD* const shared = [] {
            BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "junctor stream");
            BIO_meth_set_read(made, &read);
            BIO_meth_set_write(made, &write);
            BIO_meth_set_ctrl(made, &control);
            return made;
        }();
        return shared;
    }
};

namespace {

constexpr std::size_t record_bytes = 16 << 10;  // the most that one TLS record carries

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate peer_certificate(const SSL* ssl) {
    Certificate certificate(SSL_get1_peer_certificate(ssl), &X509_free);
    if (SSL_get_verify_result(ssl) != X509_V_OK) certificate.reset();
    return certificate;
}

std::string text_of(const ASN1_STRING* string) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)), static_cast<std::size_t>(ASN1_STRING_length(string))};
}

/// `DNS:...`, `IP:...`, `URI:...`, `email:...`: the kind stands in front so that one cannot pass for another.
std::string name_of(const GENERAL_NAME& name) {
    switch (name.type) {
        case GEN_DNS: return "DNS:" + text_of(name.d.dNSName);
        case GEN_URI: return "URI:" + text_of(name.d.uniformResourceIdentifier);
        case GEN_EMAIL: return "email:" + text_of(name.d.rfc822Name);
        default: return {};
    }
}

/// As many bytes from the front of `queue` as one record takes.
std::size_t copy_front(const OutboundQueue& queue, std::span<std::uint8_t> into) noexcept {
    std::array<iovec, 64> pieces;
    const std::size_t count = queue.gather(pieces.data(), pieces.size());
    std::size_t filled = 0;
    for (std::size_t i = 0; i < count && filled < into.size(); ++i) {
        const std::size_t size = std::min(pieces[i].iov_len, into.size() - filled);
        std::memcpy(into.data() + filled, pieces[i].iov_base, size);
        filled += size;
    }
    return filled;
}

}  // namespace

TlsEngine::TlsEngine(ssl_ctx_st* context) noexcept : ssl_(SSL_new(context)) {
    BIO* bio = BIO_new(TlsTransport::method());
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_, bio, bio);
    SSL_set_accept_state(ssl_);
}

TlsEngine::~TlsEngine() { SSL_free(ssl_); }

void TlsEngine::keep() {
    kept_ = ByteBuffer(input_.begin(), input_.end());
    input_ = kept_;
}

TlsEngine::Read TlsEngine::read(SlabPool& pool, std::span<std::uint8_t> into) noexcept {
    pool_ = &pool;
    ERR_clear_error();
    const int count = SSL_read(ssl_, into.data(), static_cast<int>(into.size()));
    if (count > 0) return {Status::ok, static_cast<std::size_t>(count)};
    switch (SSL_get_error(ssl_, count)) {
        case SSL_ERROR_WANT_READ: kept_ = {}; return {Status::want_more};
        case SSL_ERROR_ZERO_RETURN: return {Status::closed};
        default: return {Status::failed};
    }
}

bool TlsEngine::handshaken() const noexcept { return SSL_is_init_finished(ssl_) == 1; }

void TlsEngine::write(SlabPool& pool, OutboundQueue& plain, std::size_t limit) noexcept {
    pool_ = &pool;
    std::array<std::uint8_t, record_bytes> record;
    while (handshaken() && !plain.empty() && output_.size() < limit) {
        const std::size_t size = copy_front(plain, record);
        ERR_clear_error();
        const int written = SSL_write(ssl_, record.data(), static_cast<int>(size));
        if (written <= 0) return;
        plain.consume(pool, static_cast<std::size_t>(written));
    }
}

void TlsEngine::say_goodbye(SlabPool& pool) noexcept {
    pool_ = &pool;
    if (!handshaken()) return;
    ERR_clear_error();
    SSL_shutdown(ssl_);
}

std::string TlsEngine::certificate_subject() const {
    const Certificate certificate = peer_certificate(ssl_);
    if (!certificate) return {};
    const std::unique_ptr<BIO, decltype(&BIO_free)> text(BIO_new(BIO_s_mem()), &BIO_free);
    X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate.get()), 0, XN_FLAG_RFC2253);
    char* data = nullptr;
    const long size = BIO_get_mem_data(text.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::vector<std::string> TlsEngine::certificate_names() const {
    std::vector<std::string> names;
    const Certificate certificate = peer_certificate(ssl_);
    if (!certificate) return names;
    auto* found = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; i < sk_GENERAL_NAME_num(found); ++i) {
        std::string name = name_of(*sk_GENERAL_NAME_value(found, i));
        if (!name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~'; })) names.push_back(std::move(name));
    }
    GENERAL_NAMES_free(found);
    return names;
}

std::optional<WallTime> TlsEngine::certificate_expires() const {
    const Certificate certificate = peer_certificate(ssl_);
    std::tm end{};
    if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) return std::nullopt;
    return WallTime(std::chrono::seconds(timegm(&end)));
}

std::string TlsEngine::server_name() const {
    const char* name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
    return name ? name : "";
}

}  // namespace junctor
