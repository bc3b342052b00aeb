#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"
#include "core/session/outbound_queue.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace junctor {

/// TLS as a value between a socket and a protocol: ciphertext goes in and out by calls, nothing is read or written here.
/// May move to another core between two calls. At rest it holds the SSL object and nothing else.
class TlsEngine {
public:
    enum class Status : std::uint8_t {
        ok,         ///< `size` bytes of plaintext
        want_more,  ///< all input is used up
        closed,     ///< the peer said goodbye (close_notify)
        failed,     ///< no TLS, or broken; an alert for the peer may stand in the output
    };
    struct Read {
        Status status;
        std::size_t size = 0;
    };

    /// The server's side of a new connection.
    explicit TlsEngine(ssl_ctx_st* context) noexcept;
    ~TlsEngine();
    TlsEngine(const TlsEngine&) = delete;
    TlsEngine& operator=(const TlsEngine&) = delete;

    /// Ciphertext from the peer; must stay valid until `read` wants more or `keep` is called.
    void feed(Bytes ciphertext) noexcept { input_ = ciphertext; }
    /// Copies what `read` has not used yet, for a later `feed`-less `read`.
    void keep();
    /// Handshakes and decrypts as far as the input goes. What is to be sent for it is appended to `output()`.
    Read read(SlabPool& pool, std::span<std::uint8_t> into) noexcept;

    bool handshaken() const noexcept;
    /// Encrypts from the front of `plain`, at most until about `limit` bytes of output wait.
    void write(SlabPool& pool, OutboundQueue& plain, std::size_t limit) noexcept;
    void say_goodbye(SlabPool& pool) noexcept;

    /// Ciphertext for the peer.
    OutboundQueue& output() noexcept { return output_; }
    const OutboundQueue& output() const noexcept { return output_; }

    /// Of the peer's verified certificate; empty without. The subject in the form of RFC 2253, in which no value can pass for the end
    /// of another; names with anything but printable ASCII are left out.
    std::string certificate_subject() const;
    std::vector<std::string> certificate_names() const;
    std::optional<WallTime> certificate_expires() const;
    /// What the client called us (SNI).
    std::string server_name() const;

private:
    friend struct TlsTransport;

    ssl_st* ssl_;
    Bytes input_;
    ByteBuffer kept_;
    OutboundQueue output_;
    SlabPool* pool_ = nullptr;  ///< during a call: that of the core we are on
};

}  // namespace junctor
