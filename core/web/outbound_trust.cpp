#include "core/web/outbound_trust.hpp"

#include "core/base/setup_error.hpp"
#include "core/runtime/tls_context.hpp"

namespace junctor::web {
namespace {

constexpr unsigned char http_protocol[] = "\x08http/1.1";

[[noreturn]] void fail(const char* what, const std::string& file) {
    throw SetupError(std::string("cannot use the ") + what + " '" + file + "': " + tls_error("unknown error"));
}

}  // namespace

TrustContext::TrustContext(const OutboundTls& tls) {
    SSL_CTX* context = context_.native_handle();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_protos(context, http_protocol, sizeof http_protocol - 1);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    ERR_clear_error();
    if (tls.ca_file.empty()) {
        SSL_CTX_set_default_verify_paths(context);
    } else if (SSL_CTX_load_verify_locations(context, tls.ca_file.c_str(), nullptr) != 1) {
        fail("CA file", tls.ca_file);
    }
    if (tls.cert.empty() != tls.key.empty()) throw SetupError("a client certificate needs both files, 'cert' and 'key'");
    if (tls.cert.empty()) return;
    if (SSL_CTX_use_certificate_chain_file(context, tls.cert.c_str()) != 1) fail("client certificate", tls.cert);
    use_private_key(context, tls.key);  // fails for one of another certificate, too
}

}  // namespace junctor::web
