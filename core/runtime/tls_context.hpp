#pragma once

#include <memory>
#include <string>

#include "core/runtime/tls_settings.hpp"

struct ssl_ctx_st;

namespace junctor {

/// Certificate, key and rules of an address that speaks TLS: 1.2 or 1.3, no renegotiation, no compression. Immutable, shared by all
/// cores; connections keep what they began with, whatever replaces it.
class TlsContext {
public:
    /// Reads the files. Throws a SetupError that names the one at fault.
    explicit TlsContext(const TlsSettings& settings);
    ~TlsContext();
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

    /// Offers `http/1.1` to clients that negotiate the protocol (ALPN).
    void speak_http() noexcept;

    ssl_ctx_st* get() const noexcept { return context_; }

private:
    ssl_ctx_st* context_;
};

/// Gives a context its key, which has to be that of its certificate. Throws SetupError; asks nobody for the passphrase of an encrypted one, which would
/// stop the thread until somebody comes to the terminal.
void use_private_key(ssl_ctx_st* context, const std::string& file);

/// What OpenSSL complained of on this thread, in words, or `otherwise` where there is none. Clears it.
std::string tls_error(const char* otherwise);

}  // namespace junctor
