#pragma once

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

namespace junctor {

/// A key and a certificate for it, as PEM files in a directory that goes with it.
class TestCertificate {
public:
    /// Signed by itself, good as a CA. `names`: subject alternative names, `IP:127.0.0.1,DNS:localhost`.
    TestCertificate(const std::string& common_name, const std::string& names) : TestCertificate(common_name, names, nullptr) {}
    /// Signed by `issuer`.
    TestCertificate(const std::string& common_name, const std::string& names, const TestCertificate& issuer)
        : TestCertificate(common_name, names, &issuer) {}
    /// Signed by itself; valid from and until so many seconds from now.
    TestCertificate(const std::string& common_name, const std::string& names, long from, long until)
        : TestCertificate(common_name, names, nullptr, from, until) {}
    ~TestCertificate() {
        X509_free(certificate_);
        EVP_PKEY_free(key_);
        std::filesystem::remove_all(directory_);
    }
    TestCertificate(const TestCertificate&) = delete;
    TestCertificate& operator=(const TestCertificate&) = delete;

    std::string cert() const { return directory_ / "cert.pem"; }
    std::string key() const { return directory_ / "key.pem"; }

    /// Writes the key's file anew, readable with a passphrase alone.
    void encrypt_key() const {
        FILE* file = std::fopen(key().c_str(), "w");
        constexpr char passphrase[] = "passphrase";
        PEM_write_PKCS8PrivateKey(file, key_, EVP_aes_128_cbc(), passphrase, sizeof passphrase - 1, nullptr, nullptr);
        std::fclose(file);
    }

private:
    TestCertificate(const std::string& common_name, const std::string& names, const TestCertificate* issuer, long from = -3600, long until = 3600)
        : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
        X509_set_version(certificate_, X509_VERSION_3);
        static long serial = 1;
        ASN1_INTEGER_set(X509_get_serialNumber(certificate_), serial++);
        X509_gmtime_adj(X509_getm_notBefore(certificate_), from);
        X509_gmtime_adj(X509_getm_notAfter(certificate_), until);
        X509_set_pubkey(certificate_, key_);
        X509_NAME* name = X509_get_subject_name(certificate_);
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
        X509_set_issuer_name(certificate_, issuer ? X509_get_subject_name(issuer->certificate_) : name);
        add(NID_basic_constraints, issuer ? "critical,CA:FALSE" : "critical,CA:TRUE");
        if (!names.empty()) add(NID_subject_alt_name, names);
        X509_sign(certificate_, issuer ? issuer->key_ : key_, EVP_sha256());
        write();
    }

    void add(int kind, const std::string& value) {
        X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
        X509_add_ext(certificate_, extension, -1);
        X509_EXTENSION_free(extension);
    }

    void write() {
        std::string pattern = testing::TempDir() + "certificateXXXXXX";
        directory_ = mkdtemp(pattern.data());
        FILE* file = std::fopen(cert().c_str(), "w");
        PEM_write_X509(file, certificate_);
        std::fclose(file);
        file = std::fopen(key().c_str(), "w");
        PEM_write_PrivateKey(file, key_, nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(file);
    }

    EVP_PKEY* key_;
    X509* certificate_;
    std::filesystem::path directory_;
};

}  // namespace junctor
