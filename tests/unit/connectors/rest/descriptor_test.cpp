#include "core/ports/descriptor.hpp"

#include <gtest/gtest.h>

#include "core/base/setup_error.hpp"
#include "core/config/load.hpp"
#include "core/ports/http.hpp"
#include "tests/support/fake_host.hpp"

namespace junctor::rest {

Descriptor descriptor();

namespace {

std::shared_ptr<Listener> listener(const std::string& yaml) {
    const Descriptor offer = descriptor();
    return offer.make_listener("rest", config::load_text(yaml, offer.fields, {"test.yaml", {}, {}}), {});
}

TEST(RestDescriptor, DefaultsServeItsRoutes) {
    test::FakeHost host;
    const auto made = listener("{address: \"127.0.0.1:8080\"}");
    made->open(host);
    std::vector<std::string> routes;
    for (const auto& [address, route] : host.http) routes.push_back(address.text() + " " + route.method + " " + route.prefix);
    EXPECT_EQ(routes, (std::vector<std::string>{"127.0.0.1:8080 POST /v1/topics/", "127.0.0.1:8080 POST /v1/requests/",
                                                "127.0.0.1:8080 DELETE /v1/sessions/", "127.0.0.1:8080 GET /v1/topics/",
                                                "127.0.0.1:8080 GET /v1/history/"}));
    EXPECT_EQ(made->addresses(), (std::vector<Address>{{"127.0.0.1", 8080}}));
}

TEST(RestDescriptor, PathAndOriginsReachTheRoutes) {
    test::FakeHost host;
    listener("{address: \"127.0.0.1:1\", path: /api/, origins: [\"https://app.example\"]}")->open(host);
    EXPECT_EQ(host.http.at(0).second.prefix, "/api/topics/");
    EXPECT_EQ(host.http.at(2).second.origins, std::vector<std::string>{"https://app.example"});
}

TEST(RestDescriptor, PathMustBeOne) { EXPECT_THROW(listener("{address: \"127.0.0.1:1\", path: api}"), SetupError); }

TEST(RestDescriptor, SpeaksForHttpUrls) {
    const Descriptor offer = descriptor();
    EXPECT_TRUE(offer.clients.contains("http"));
    EXPECT_TRUE(offer.clients.contains("https"));
}

}  // namespace
}  // namespace junctor::rest
