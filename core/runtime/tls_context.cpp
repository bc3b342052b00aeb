#include "core/runtime/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "core/base/setup_error.hpp"
#include "core/observe/log.hpp"

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
    throw SetupError(std::string("cannot use the ") + what + " '" + file + "': " + tls_error("unknown error"), file);
}

void load_revocations(SSL_CTX* context, const std::string& file) {
    X509_STORE* store = SSL_CTX_get_cert_store(context);
    X509_LOOKUP* lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    if (!lookup || X509_load_crl_file(lookup, file.c_str(), X509_FILETYPE_PEM) < 1) fail("revocation list", file);
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
}

/// Clients refuse a certificate outside its time and see one error for all that may be wrong with it: here is where somebody can do something.
void tell_if_outdated(SSL_CTX* context, const std::string& file) {
    const X509* own = SSL_CTX_get0_certificate(context);
    if (X509_cmp_current_time(X509_get0_notAfter(own)) < 0) log_warning("tls", "a certificate has expired: clients refuse it", {{"file", file}});
    if (X509_cmp_current_time(X509_get0_notBefore(own)) > 0) log_warning("tls", "a certificate is not valid yet: clients refuse it", {{"file", file}});
}

void load_own(SSL_CTX* context, const TlsKeyPair& own) {
    if (SSL_CTX_use_certificate_chain_file(context, own.cert.c_str()) != 1) fail("certificate", own.cert);
    tell_if_outdated(context, own.cert);
    use_private_key(context, own.key);
    if (SSL_CTX_check_private_key(context) != 1)
        throw SetupError("the private key '" + own.key + "' does not belong to the certificate '" + own.cert + "'", own.key);
}

/// Whose certificates clients may show.
void load_authorities(SSL_CTX* context, const TlsSettings& settings) {
    if (settings.client_ca.empty()) {
        if (!settings.crl.empty()) throw SetupError("the revocation list '" + settings.crl + "' is of no use without a client_ca", settings.crl);
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

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

Context make(const TlsSettings& settings, const TlsKeyPair& own) {
    Context context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
    if (!context) throw SetupError("cannot set up TLS: " + tls_error("out of memory"));
    configure(context.get());
    load_own(context.get(), own);
    load_authorities(context.get(), settings);
    return context;
}

/// The contexts of further certificates belong to the first one, which connections hold: a handshake may outlast the `TlsContext`.
using Others = std::vector<Context>;

int others_place() {
    static const int place = SSL_CTX_get_ex_new_index(
        0, nullptr, nullptr, nullptr, [](void*, void* others, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<Others*>(others); });
    return place;
}

const Others* others_of(const SSL_CTX* context) { return static_cast<const Others*>(SSL_CTX_get_ex_data(context, others_place())); }

bool is_for(const SSL_CTX* context, const char* name) {
    return X509_check_host(SSL_CTX_get0_certificate(context), name, 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr) == 1;
}

/// RFC 6066 section 3. Who asks for a name that no certificate is for sees the address's own, and judges for itself.
int choose_certificate(SSL* ssl, int*, void*) {
    const char* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    SSL_CTX* const own = SSL_get_SSL_CTX(ssl);
    if (!name || is_for(own, name)) return SSL_TLSEXT_ERR_OK;
    const Others& others = *others_of(own);
    const auto found = std::ranges::find_if(others, [name](const Context& other) { return is_for(other.get(), name); });
    if (found == others.end()) return SSL_TLSEXT_ERR_NOACK;
    SSL_set_SSL_CTX(ssl, found->get());
    return SSL_TLSEXT_ERR_OK;
}

void add_by_name(SSL_CTX* context, const TlsSettings& settings) {
    auto others = std::make_unique<Others>();
    for (const TlsKeyPair& pair : settings.by_name) others->push_back(make(settings, pair));
    if (SSL_CTX_set_ex_data(context, others_place(), others.get()) != 1) throw SetupError("cannot set up TLS: " + tls_error("out of memory"));
    static_cast<void>(others.release());
    // The macro that is meant for this has an old cast.
    SSL_CTX_callback_ctrl(context, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB, reinterpret_cast<void (*)()>(&choose_certificate));
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

void use_private_key(SSL_CTX* context, const std::string& file) {
    bool encrypted = false;
    SSL_CTX_set_default_passwd_cb_userdata(context, &encrypted);
    SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void* asked) {
        *static_cast<bool*>(asked) = true;
        return -1;
    });
    const bool taken = SSL_CTX_use_PrivateKey_file(context, file.c_str(), SSL_FILETYPE_PEM) == 1;
    SSL_CTX_set_default_passwd_cb(context, nullptr);
    SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
    if (!taken && encrypted)
        throw SetupError("the private key '" + file + "' is encrypted, and nobody is there to type its passphrase; 'openssl pkey -in FILE -out NEW_FILE' writes it without", file);
    if (!taken) fail("private key", file);
}

TlsContext::TlsContext(const TlsSettings& settings) {
    Context context = make(settings, {settings.cert, settings.key});
    if (!settings.by_name.empty()) add_by_name(context.get(), settings);
    context_ = context.release();
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

void TlsContext::speak_http() noexcept {
    SSL_CTX_set_alpn_select_cb(context_, &choose_protocol, nullptr);
    if (const Others* others = others_of(context_))
        for (const Context& other : *others) SSL_CTX_set_alpn_select_cb(other.get(), &choose_protocol, nullptr);
}

}  // namespace junctor
