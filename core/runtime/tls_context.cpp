#include "core/runtime/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cstring>
#include <string>

#include "core/base/setup_error.hpp"

namespace junctor {

namespace {

constexpr unsigned char http_protocol[] = "\x08http/1.1";

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered, unsigned offered_size, void*) {
    unsigned char* found = nullptr;
    const int result = SSL_select_next_proto(&found, chosen_size, http_protocol, sizeof http_protocol - 1, offered, offered_size);
    *chosen = found;
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

[[noreturn]] void fail(const char* what, const std::string& file) {
    throw SetupError(std::string("cannot use the ") + what + " '" + file + "': " + tls_error("unknown error"));
}

void load_revocations(SSL_CTX* context, const std::string& file) {
    X509_STORE* store = SSL_CTX_get_cert_store(context);
    X509_LOOKUP* lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    if (!lookup || X509_load_crl_file(lookup, file.c_str(), X509_FILETYPE_PEM) < 1) fail("revocation list", file);
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
}

void load(SSL_CTX* context, const TlsSettings& settings) {
    if (SSL_CTX_use_certificate_chain_file(context, settings.cert.c_str()) != 1) fail("certificate", settings.cert);
    if (SSL_CTX_use_PrivateKey_file(context, settings.key.c_str(), SSL_FILETYPE_PEM) != 1) fail("private key", settings.key);
    if (SSL_CTX_check_private_key(context) != 1)
        throw SetupError("the private key '" + settings.key + "' does not belong to the certificate '" + settings.cert + "'");
    if (settings.client_ca.empty()) {
        if (!settings.crl.empty()) throw SetupError("the revocation list '" + settings.crl + "' is of no use without a client_ca");
        return;
    }
    if (SSL_CTX_load_verify_locations(context, settings.client_ca.c_str(), nullptr) != 1) fail("client CA", settings.client_ca);
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(settings.client_ca.c_str()));
    if (!settings.crl.empty()) load_revocations(context, settings.crl);
    const int required = settings.client_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | required, nullptr);
}

void configure(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);  // resuming is for clients that come back one at a time
    constexpr unsigned char name[] = "junctor";
    SSL_CTX_set_session_id_context(context, name, sizeof name - 1);
}

}  // namespace

std::string tls_error(const char* otherwise) {
    const unsigned long error = ERR_get_error();  // the first says what happened, those after it who noticed
    ERR_clear_error();
    if (error == 0) return otherwise;
    // errno is kept under a library number of its own; ERR_reason_error_string does not know its words.
    if (ERR_SYSTEM_ERROR(error)) return std::strerror(ERR_GET_REASON(error));
    const char* reason = ERR_reason_error_string(error);
    return reason ? reason : otherwise;
}

TlsContext::TlsContext(const TlsSettings& settings) : context_(SSL_CTX_new(TLS_server_method())) {
    if (!context_) throw SetupError("cannot set up TLS: " + tls_error("out of memory"));
    try {
        configure(context_);
        load(context_, settings);
    } catch (...) {
        SSL_CTX_free(context_);
        throw;
    }
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

void TlsContext::speak_http() noexcept { SSL_CTX_set_alpn_select_cb(context_, &choose_protocol, nullptr); }

}  // namespace junctor
