#include "connectors/vertx/backend_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/setup_error.hpp"
#include "core/config/load.hpp"

namespace junctor::vertx {
namespace {

BackendSettings read(const std::string& yaml) { return read_backend_settings(config::load_text(yaml, backend_fields(), {"test.yaml", ".", {}})); }

std::string error(const std::string& yaml) {
    try {
        read(yaml);
        return "none";
    } catch (const SetupError& error) {
        return error.what();
    }
}

TEST(VertxBackendSettings, AreRead) {
    const BackendSettings settings = read(R"({url: "vertxs://[::1]:7000", addresses: [{topic: a/b}, {topic: jobs, address: work, how: send}]})");
    EXPECT_EQ(settings.host, "::1");
    EXPECT_EQ(settings.port, "7000");
    EXPECT_TRUE(settings.tls);
    EXPECT_EQ(settings.address, "junctor");
    ASSERT_EQ(settings.addresses.size(), 2U);
    EXPECT_EQ(settings.addresses[0].address, "a/b");
    EXPECT_FALSE(settings.addresses[0].to_one);
    EXPECT_EQ(settings.addresses[1].address, "work");
    EXPECT_TRUE(settings.addresses[1].to_one);
    EXPECT_FALSE(read(R"({url: "vertx://bus.example:7000"})").tls);
}

TEST(VertxBackendSettings, SayWhereTheyAreWrong) {
    using ::testing::HasSubstr;
    for (const char* url : {"mqtt://a:1", "vertx://a", "vertx://:7000", "vertx://a:x", "vertx://a:70000", "vertx://user@a:7000", "vertx://a:7000/x"})
        EXPECT_THAT(error("{url: \"" + std::string(url) + "\"}"), HasSubstr("vertx://host:port")) << url;
    EXPECT_THAT(error(R"({url: "vertx://a:1", addresses: [{topic: "a/#"}]})"), HasSubstr("not a topic"));
    EXPECT_THAT(error(R"({url: "vertx://a:1", addresses: [{topic: "$to/x"}]})"), HasSubstr("not a topic"));
    EXPECT_THAT(error(R"({url: "vertx://a:1", addresses: [{topic: a}, {topic: a, address: b}]})"), HasSubstr("already"));
    EXPECT_THAT(error(R"({url: "vertx://a:1", addresses: [{topic: a, address: junctor}]})"), HasSubstr("taken"));
    EXPECT_THAT(error(R"({url: "vertx://a:1", address: ""})"), HasSubstr("not empty"));
    EXPECT_THAT(error(R"({url: "vertx://a:1", keep_alive: 1ms})"), HasSubstr("at least"));
}

}  // namespace
}  // namespace junctor::vertx
