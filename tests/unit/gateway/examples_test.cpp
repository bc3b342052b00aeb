#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "gateway/command_line.hpp"
#include "tests/unit/core/runtime/test_certificates.hpp"

namespace junctor {
namespace {

namespace fs = std::filesystem;

const fs::path examples = fs::path(JUNCTOR_SOURCE_DIR) / "deploy" / "examples";

/// The folder that JUNCTOR_TLS names, with everything that an example may ask for.
class TlsFolder {
public:
    TlsFolder() : path_(fs::path(testing::TempDir()) / ("tls" + std::to_string(getpid()))) {
        fs::create_directories(path_);
        const TestCertificate certificate("gateway", "DNS:localhost");
        for (const char* name : {"cert.pem", "clients.pem", "plant-clients.pem", "office-clients.pem"})
            fs::copy_file(certificate.cert(), path_ / name);
        fs::copy_file(certificate.key(), path_ / "key.pem");
        setenv("JUNCTOR_TLS", path_.c_str(), 1);
    }
    ~TlsFolder() {
        unsetenv("JUNCTOR_TLS");
        fs::remove_all(path_);
    }

private:
    fs::path path_;
};

std::string check(const fs::path& file) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    return run_command_line({"check", file.string()}, in, out, err) == Exit::ok ? "" : err.str();
}

TEST(Examples, ThereIsOnePerUse) {
    for (const char* name : {"edge-gateway.yaml", "identity-provider.yaml", "bridge.yaml"})
        EXPECT_TRUE(fs::exists(examples / name)) << name;
}

TEST(Examples, EveryOneIsGood) {
    const TlsFolder folder;
    for (const auto& entry : fs::directory_iterator(examples)) EXPECT_EQ(check(entry.path()), "") << entry.path();
}

TEST(Examples, WithoutTheirCertificatesTheyDoNotPass) {
    EXPECT_THAT(check(examples / "edge-gateway.yaml"), testing::HasSubstr("cannot be read"));
    EXPECT_THAT(check(examples / "bridge.yaml"), testing::HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace junctor
