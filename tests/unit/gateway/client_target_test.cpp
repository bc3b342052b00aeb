#include "gateway/client_target.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

std::vector<Descriptor> descriptors() {
    Descriptor descriptor;
    descriptor.name = "mqtt";
    descriptor.clients["mqtt"] = [](const ClientOptions&) { return std::unique_ptr<Client>(); };
    descriptor.clients["ws"] = descriptor.clients["mqtt"];
    return {descriptor};
}

std::string error(const std::string& url, const std::string& topic = {}) {
    try {
        client_target(url, topic, descriptors());
        return {};
    } catch (const ClientError& refused) {
        return refused.what();
    }
}

TEST(ClientTarget, ThePathIsTheTopic) {
    const ClientTarget target = client_target("mqtt://127.0.0.1:1883/plant/+/t%20x/#", "", descriptors());
    EXPECT_EQ(target.url, "mqtt://127.0.0.1:1883");
    EXPECT_EQ(target.topic, "plant/+/t x/#");
    EXPECT_TRUE(target.make);
}

TEST(ClientTarget, ATopicOfItsOwnLeavesThePathToTheUrl) {
    const ClientTarget target = client_target("ws://[::1]:8080/ws", "a/b", descriptors());
    EXPECT_EQ(target.url, "ws://[::1]:8080/ws");
    EXPECT_EQ(target.topic, "a/b");
}

TEST(ClientTarget, CredentialsNeverStayInTheUrl) {
    const ClientTarget target = client_target("mqtt://me:p%40ss@host:1/a", "", descriptors());
    EXPECT_EQ(target.url, "mqtt://host:1");
    EXPECT_EQ(target.user, "me");
    EXPECT_EQ(target.password, "p@ss");
}

TEST(ClientTarget, SaysWhatIsMissing) {
    EXPECT_EQ(error("mqt://h/a"), "Nothing here speaks 'mqt://'; did you mean 'mqtt'?");
    EXPECT_EQ(error("mqtt://127.0.0.1"), "No topic: put it behind the address, like mqtt://127.0.0.1/some/topic");
    EXPECT_EQ(error("mqtt:///a"), "'mqtt:///a' names no host; write it like mqtt://127.0.0.1:1883/some/topic");
    EXPECT_NE(error("mqtt://h/%zz"), "");
}

}  // namespace
}  // namespace junctor
