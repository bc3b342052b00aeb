#include "gateway/configuration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "core/config/problems.hpp"
#include "gateway/reload_rules.hpp"

namespace junctor {
namespace {

using config::ConfigError;
using config::Type;
using testing::HasSubstr;

std::vector<Descriptor> descriptors() {
    Descriptor mqtt;
    mqtt.name = "mqtt";
    mqtt.fields = {{.name = "address", .type = Type::address, .doc = "Where to listen.", .fallback = "127.0.0.1:1883"},
                   {.name = "path", .type = Type::text, .doc = "Path."}};
    mqtt.defaults = {"{address: \"127.0.0.1:1883\"}", "{address: \"127.0.0.1:8080\", path: /mqtt}"};
    Descriptor zeromq;
    zeromq.name = "zeromq";
    zeromq.takes_tls = false;
    return {mqtt, zeromq};
}

/// A file for as long as it is needed.
class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& text)
        : path_(std::filesystem::path(testing::TempDir()) / ("configuration" + std::to_string(getpid()) + ".yaml")) {
        std::ofstream(path_, std::ios::binary) << text;
    }
    ~TemporaryFile() { std::filesystem::remove(path_); }
    std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

Configuration load(const std::string& text) { return load_configuration(TemporaryFile(text).path(), descriptors()); }

std::string error(const std::string& text) {
    try {
        load(text);
        return {};
    } catch (const ConfigError& refused) {
        return refused.what();
    }
}

TEST(Configuration, WithoutAFileTheDefaultsOfTheConnectorsRun) {
    const Configuration configuration = load_configuration("", descriptors());
    ASSERT_EQ(configuration.connectors.size(), 2U);
    EXPECT_EQ(configuration.connectors[0].name, "mqtt");
    EXPECT_EQ(configuration.connectors[1].name, "mqtt-2");
    EXPECT_EQ(configuration.connectors[1].section.text("path"), "/mqtt");
    EXPECT_FALSE(configuration.policy);
    EXPECT_EQ(configuration.admin.text(), "127.0.0.1:8081");
    EXPECT_EQ(configuration.limits, Limits{});
    EXPECT_GE(configuration.cores, 1);
}

TEST(Configuration, ReadsEverySection) {
    const Configuration configuration = load(R"(
cores: 3
connectors: [{type: mqtt, name: plant, address: "0.0.0.0:1883"}]
policy: {authenticators: [{type: anonymous, from: any}], authorizers: [{type: allow_all}]}
store: {dir: /var/lib/junctor, durability: os}
limits: {packet: 1MiB, in_flight: 20, drain_timeout: 3s}
admin: {address: "[::1]:9", hosts: [gw]}
log: {level: debug, format: json, messages: {sample: 100}}
)");
    EXPECT_EQ(configuration.cores, 3);
    EXPECT_EQ(configuration.connectors.front().name, "plant");
    ASSERT_TRUE(configuration.policy);
    EXPECT_EQ(configuration.policy->authenticators.at(0).section.text("from"), "any");
    EXPECT_EQ(configuration.policy->authorizers.at(0).name, "allow_all");
    ASSERT_TRUE(configuration.store);
    EXPECT_EQ(configuration.store->dir, "/var/lib/junctor");
    EXPECT_EQ(configuration.store->durability, Durability::os);
    EXPECT_EQ(configuration.limits.packet, 1U << 20);
    EXPECT_EQ(configuration.limits.in_flight, 20);
    EXPECT_EQ(configuration.limits.drain_timeout, std::chrono::seconds(3));
    EXPECT_EQ(configuration.admin.text(), "[::1]:9");
    EXPECT_EQ(configuration.log_level, LogLevel::debug);
    EXPECT_EQ(configuration.log_format, LogFormat::json);
    EXPECT_EQ(configuration.log_messages_sample, 100U);
}

TEST(Configuration, LimitsAndAuditOfThePolicy) {
    const std::string lists = "policy: {authenticators: [], authorizers: [], ";
    const Configuration none = load(lists + "}");
    EXPECT_EQ(none.policy->limits, Quotas::Limits{});
    EXPECT_TRUE(none.policy->audit.empty());
    const Configuration some = load(lists + "audit: {file: audit.log}, limits: {principal: {connections: 3, bytes_per_second: 1MiB}, connection: {payload: 4KiB}, tenant: {subscriptions: 7, queued: 1KiB}}}");
    EXPECT_EQ(some.policy->limits[1], (Quota{.connections = 3, .bytes_per_second = 1 << 20}));
    EXPECT_EQ(some.policy->limits[0], (Quota{.payload = 4'096}));
    EXPECT_EQ(some.policy->limits[2], (Quota{.subscriptions = 7, .queued = 1'024}));
    EXPECT_EQ(some.policy->audit, std::filesystem::path(testing::TempDir()) / "audit.log");
    EXPECT_NE(error(lists + "limits: {connection: {connections: 3}}}"), "") << "one connection is one connection";
    EXPECT_NE(error(lists + "audit: {}}"), "");
}

TEST(Configuration, WithoutADirectoryNothingIsStored) {
    EXPECT_FALSE(load("cores: 1").store);
    EXPECT_FALSE(load("store: {durability: fsync}").store);
    EXPECT_FALSE(load("store: {dir: d, durability: memory}").store);
    EXPECT_EQ(load("store: {dir: /d}").store->durability, Durability::fsync);
    EXPECT_EQ(load("store: {dir: not/there/yet}").store->dir, std::filesystem::path(testing::TempDir()) / "not/there/yet");
    EXPECT_THROW(load("store: {dir: /dev/null}"), ConfigError);
}

TEST(Configuration, NamesAreUnique) {
    EXPECT_THAT(error("connectors: [{type: mqtt, name: a}, {type: mqtt, name: a}]"), HasSubstr("two connectors are named 'a'"));
    EXPECT_EQ(load("connectors: [{type: mqtt}, {type: mqtt, name: mqtt}]").connectors[0].name, "mqtt-2");
}

TEST(Configuration, TlsIsOnlyForConnectorsThatTakeIt) {
    EXPECT_THAT(error("connectors: [{type: zeromq, tls: {cert: a, key: b}}]"), HasSubstr("unknown key 'tls'"));
    EXPECT_THAT(error("connectors: [{type: mqtt, tls: {}}]"), HasSubstr("'cert' is missing"));
    EXPECT_THAT(error("connectors: [{type: mqtt, tls: {cert: /none, key: /none}}]"), HasSubstr("cannot be read: No such file"));
}

// Somebody who asks for certificates and forgets who signs them would let strangers in.
TEST(Configuration, CertificatesOfClientsNeedSomebodyWhoSignsThem) {
    const std::string tls = "cert: /dev/null, key: /dev/null";
    for (const char* choice : {"required", "optional"}) {
        const std::string section = "tls: {" + tls + ", client_cert: " + choice + "}";
        EXPECT_THAT(error("connectors: [{type: mqtt, " + section + "}]"), HasSubstr("'client_cert' has no effect without 'client_ca'"));
        EXPECT_THAT(error("admin: {" + section + "}"), HasSubstr("'client_cert' has no effect without 'client_ca'"));
    }
    const std::string signed_by = tls + ", client_ca: /dev/null";
    EXPECT_TRUE(load("connectors: [{type: mqtt, tls: {" + signed_by + "}}]").connectors[0].tls->client_required);
    EXPECT_FALSE(load("connectors: [{type: mqtt, tls: {" + signed_by + ", client_cert: optional}}]").connectors[0].tls->client_required);
}

/// Whether a configuration was taken and lets others than this machine in.
bool opens(const std::string& text) {
    try {
        const Configuration configuration = load(text);
        if (!configuration.policy) return false;
        const auto from_anywhere = [](const PolicyEntry& entry) { return entry.section.text("from") == "any"; };
        return std::ranges::any_of(configuration.policy->authenticators, from_anywhere);
    } catch (const ConfigError&) {
        return false;
    }
}

// Threat class 11: what is not understood never opens anything.
TEST(Threat11, APolicyThatSaysNothingLetsNobodyIn) {
    EXPECT_TRUE(load("policy: {authenticators: [], authorizers: []}").policy->authenticators.empty());
    EXPECT_TRUE(load("policy: {authenticators: [], authorizers: []}").policy->authorizers.empty());
    EXPECT_FALSE(opens("policy: {authenticators: [{type: anonymous}], authorizers: [{type: allow_all}]}"));
    EXPECT_TRUE(opens("policy: {authenticators: [{type: anonymous, from: any}], authorizers: [{type: allow_all}]}"));
    for (const char* text : {"policy:", "policy: {}", "policy: []", "policy: any", "policy: {authenticators: , authorizers: }", "polcy: {}",
                             "policy: {authenticators: [{type: anonymous, from: anywhere}], authorizers: []}",
                             "policy: {authenticators: [anonymous], authorizers: []}"})
        EXPECT_NE(error(text), "") << text;
}

constexpr const char* closed =
    "cores: 1\n"
    "connectors:\n"
    "  - {type: mqtt, name: plant, address: \"0.0.0.0:1883\"}\n"
    "  - type: mqtt\n"
    "    address: \"127.0.0.1:8080\"\n"
    "    path: /mqtt\n"
    "policy:\n"
    "  authenticators:\n"
    "    - {type: anonymous, from: loopback}\n"
    "  authorizers:\n"
    "    - {type: allow_all}\n"
    "limits: {packet: 1MiB}\n";

std::string mutated(std::mt19937& random) {
    std::string text = closed;
    const auto any = [&](std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random); };
    for (std::size_t edits = 1 + any(8); edits > 0 && !text.empty(); --edits) {
        const std::size_t at = any(text.size());
        switch (any(5)) {
            case 0: text[at] = static_cast<char>(any(256)); break;
            case 1: text.erase(at, 1 + any(12)); break;
            case 2: text.insert(at, 1, "{}[]:,#&*!|>-\"'\n \t%@"[any(20)]); break;
            case 3: text.insert(at, text.substr(any(text.size()), any(40))); break;
            default: text.resize(at + 1); break;
        }
    }
    return text;
}

TEST(Threat11, MutatedConfigurationsNeverCrashAndNeverOpen) {
    std::mt19937 random(20261123);
    for (int round = 0; round < 400; ++round) {
        const std::string text = mutated(random);
        EXPECT_FALSE(opens(text)) << text;
    }
}

TEST(Threat11, TruncatedConfigurationsNeverCrashAndNeverOpen) {
    const std::string whole = closed;
    for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(opens(whole.substr(0, size))) << size;
}

std::string reload_error(const std::string& before, const std::string& after) {
    try {
        require_reloadable(load(before), load(after));
        return {};
    } catch (const config::ConfigError& refused) {
        return refused.what();
    }
}

TEST(ReloadRules, OnlyCoresNeedARestartAndSayWhere) {
    EXPECT_EQ(reload_error("cores: 1", "cores: 1\nlog: {level: debug}\nconnectors: []\nlimits: {packet: 2MiB}\nadmin: {hosts: [b]}"), "");
    EXPECT_THAT(reload_error("cores: 1", "log: {level: debug}\ncores: 2"), HasSubstr(":2:8: 'cores' changed from 1 to 2, which needs a restart"));
}

TEST(ReloadRules, AnotherStoreNeedsARestart) {
    EXPECT_THAT(reload_error("store: {dir: /a}", "store: {dir: /b}"), HasSubstr(":1:14: 'store' changed"));
    EXPECT_THAT(reload_error("store: {dir: /a}", "cores: 0"), HasSubstr("'store' changed"));
    EXPECT_EQ(reload_error("store: {dir: /a}", "store: {dir: /a}"), "");
}

TEST(ReloadRules, TheAdminApiStaysUnlessItIsSaidOtherwise) {
    EXPECT_TRUE(same_admin(load("admin: {hosts: [a]}"), load("cores: 2\nadmin: {hosts: [a]}")));
    EXPECT_FALSE(same_admin(load("admin: {hosts: [a]}"), load("admin: {hosts: [b]}")));
    EXPECT_FALSE(same_admin(load("cores: 1"), load("admin: {address: \"127.0.0.1:8099\"}")));
}

}  // namespace
}  // namespace junctor
