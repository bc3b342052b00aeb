#include "core/runtime/tls_context.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/setup_error.hpp"
#include "core/observe/log.hpp"
#include "tests/unit/core/runtime/test_certificates.hpp"

namespace junctor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// What the log says while the settings are put to use.
std::vector<std::string> told(const TlsSettings& settings) {
    std::vector<std::string> lines;
    redirect_log([&lines](std::string_view line) { lines.emplace_back(line); });
    const TlsContext context(settings);
    flush_log();
    redirect_log({});
    return lines;
}

TlsSettings settings_of(const TestCertificate& certificate) { return {certificate.cert(), certificate.key(), "", {}, true}; }

// It would ask at the terminal, and a reload would wait there for ever.
TEST(TlsContext, RefusesAnEncryptedKeyAndSaysHowToWriteItWithoutAPassphrase) {
    const TestCertificate certificate("locked", "");
    certificate.encrypt_key();
    try {
        const TlsContext context(settings_of(certificate));
        FAIL() << "taken";
    } catch (const SetupError& error) {
        EXPECT_THAT(error.what(), HasSubstr("' is encrypted"));
        EXPECT_THAT(error.what(), HasSubstr("openssl pkey"));
    }
}

TEST(TlsContext, TellsWhenItsCertificateIsOutsideItsTime) {
    EXPECT_THAT(told(settings_of(TestCertificate("now", ""))), IsEmpty());
    EXPECT_THAT(told(settings_of(TestCertificate("past", "", -7200, -3600))), ElementsAre(HasSubstr("a certificate has expired")));
    EXPECT_THAT(told(settings_of(TestCertificate("future", "", 3600, 7200))), ElementsAre(HasSubstr("a certificate is not valid yet")));
}

TEST(TlsContext, TellsOfFurtherCertificatesToo) {
    const TestCertificate first("now", ""), second("past", "", -7200, -3600);
    TlsSettings settings = settings_of(first);
    settings.by_name = {{second.cert(), second.key()}};
    EXPECT_THAT(told(settings), ElementsAre(HasSubstr(second.cert())));
}

}  // namespace
}  // namespace junctor
