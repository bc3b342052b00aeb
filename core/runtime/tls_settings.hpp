#pragma once

#include <string>
#include <vector>

namespace junctor {

/// A certificate chain, leaf first, and its private key: names of PEM files.
struct TlsKeyPair {
    std::string cert;
    std::string key;

    friend bool operator==(const TlsKeyPair&, const TlsKeyPair&) = default;
};

/// What makes an address speak TLS (1.2 and 1.3). File names of PEM files.
struct TlsSettings {
    std::string cert;       ///< the certificate chain, leaf first
    std::string key;
    std::string client_ca;  ///< who may sign client certificates; empty: none is asked for
    std::string crl{};      ///< which of them no longer count, signed by client_ca; one that is too old lets nobody in. Empty: all count
    bool client_required = true;  ///< with client_ca: refuse clients without a certificate
    std::vector<TlsKeyPair> by_name{};  ///< shown to clients that ask for a name which such a certificate is for, and `cert` is not (SNI)

    friend bool operator==(const TlsSettings&, const TlsSettings&) = default;
};

}  // namespace junctor
