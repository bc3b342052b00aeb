#include "tests/bench/generator/tls_wire.hpp"

#include <openssl/ssl.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace bench {
namespace {

SSL_CTX* context() {
    static SSL_CTX* const shared = SSL_CTX_new(TLS_client_method());
    return shared;
}

}  // namespace

TlsWire::TlsWire(std::unique_ptr<Wire> inner)
    : inner_(std::move(inner)), ssl_(SSL_new(context())), from_peer_(BIO_new(BIO_s_mem())), to_peer_(BIO_new(BIO_s_mem())) {
    SSL_set_bio(ssl_, from_peer_, to_peer_);
    SSL_set_connect_state(ssl_);
    SSL_set_mode(ssl_, SSL_MODE_RELEASE_BUFFERS);
}

TlsWire::~TlsWire() {
    SSL_free(ssl_);
}

void TlsWire::append_hello(std::string& out) {
    shake_hands();
    drain(out);
}

/// True once the handshake is done.
bool TlsWire::shake_hands() {
    const int result = SSL_do_handshake(ssl_);
    if (result != 1 && SSL_get_error(ssl_, result) != SSL_ERROR_WANT_READ) throw std::runtime_error("the TLS handshake failed");
    return result == 1;
}

void TlsWire::append_subscribe(std::string_view filter, std::string& out) {
    inner_->append_subscribe(filter, scratch_);
    encrypt(out);
}

void TlsWire::append_publish(std::string_view topic, std::string_view payload, std::string& out) {
    inner_->append_publish(topic, payload, scratch_);
    encrypt(out);
}

std::size_t TlsWire::consume(std::string_view input, std::string& out, WireEvents& events) {
    BIO_write(from_peer_, input.data(), static_cast<int>(input.size()));
    if (SSL_is_init_finished(ssl_) == 0 && shake_hands()) inner_->append_hello(scratch_);
    std::array<char, 16 << 10> plain;
    for (int count = 0; (count = SSL_read(ssl_, plain.data(), static_cast<int>(plain.size()))) > 0;) {
        stream_.append(plain.data(), static_cast<std::size_t>(count));
        stream_.erase(0, inner_->consume(stream_, scratch_, events));
    }
    encrypt(out);
    return input.size();
}

void TlsWire::encrypt(std::string& out) {
    if (!scratch_.empty()) SSL_write(ssl_, scratch_.data(), static_cast<int>(scratch_.size()));
    scratch_.clear();
    drain(out);
}

void TlsWire::drain(std::string& out) {
    std::array<char, 4096> part;
    for (int count = 0; (count = BIO_read(to_peer_, part.data(), static_cast<int>(part.size()))) > 0;)
        out.append(part.data(), static_cast<std::size_t>(count));
}

}  // namespace bench
