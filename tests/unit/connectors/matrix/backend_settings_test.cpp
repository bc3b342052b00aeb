#include "connectors/matrix/backend_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/setup_error.hpp"
#include "core/config/load.hpp"

namespace junctor::matrix {
namespace {

using ::testing::HasSubstr;

const std::string place = R"(url: "https://hs.example", token: secret, room: "#shared:hs.example")";

BackendSettings read(const std::string& yaml) { return read_backend_settings(config::load_text(yaml, backend_fields(), {"test.yaml", ".", {}})); }

std::string error(const std::string& yaml) {
    try {
        read(yaml);
        return "none";
    } catch (const SetupError& error) {
        return error.what();
    }
}

TEST(MatrixBackendSettings, AreRead) {
    const BackendSettings settings =
        read("{" + place + R"(, rooms: [{topic: a/b, room: "!id:hs.example"}], members: ["@two:hs.example"], waiting: 5})");
    EXPECT_EQ(settings.url.origin(), "https://hs.example:443");
    EXPECT_EQ(settings.token, "secret");
    EXPECT_EQ(settings.room, "#shared:hs.example");
    ASSERT_EQ(settings.rooms.size(), 1U);
    EXPECT_EQ(settings.rooms[0].topic, "a/b");
    EXPECT_EQ(settings.members, std::vector<std::string>{"@two:hs.example"});
    EXPECT_EQ(settings.waiting, 5U);
    EXPECT_EQ(alias_localpart("#shared:hs.example"), "shared");
}

TEST(MatrixBackendSettings, SayWhereTheyAreWrong) {
    EXPECT_THAT(error(R"({url: "ws://hs", token: t, room: "#a:hs"})"), HasSubstr("https://host"));
    EXPECT_THAT(error(R"({url: "https://hs/path", token: t, room: "#a:hs"})"), HasSubstr("https://host"));
    for (const char* room : {"shared", "#shared", "#:hs", "@a:hs", "#a b:hs", "#a/b:hs"})
        EXPECT_THAT(error(R"({url: "https://hs", token: t, room: ")" + std::string(room) + "\"}"), HasSubstr("not a room")) << room;
    EXPECT_THAT(error("{" + place + R"(, members: [two]})"), HasSubstr("not a user"));
    EXPECT_THAT(error("{" + place + R"(, rooms: [{topic: a/#, room: "#r:hs"}]})"), HasSubstr("not a topic"));
    EXPECT_THAT(error("{" + place + R"(, rooms: [{topic: a, room: "#r:hs"}, {topic: a, room: "#s:hs"}]})"), HasSubstr("has a room already"));
    EXPECT_THAT(error("{" + place + R"(, rooms: [{topic: a, room: "#shared:hs.example"}]})"), HasSubstr("taken already"));
}

TEST(MatrixBackendSettings, TopicsBecomeAliasesUnderAPrefix) {
    const BackendSettings settings = read("{" + place + R"(, alias_prefix: _j_, rooms: [{topic: a/b}, {topic: "A=/é"}, {topic: c, room: "#c:hs.example"}]})");
    ASSERT_EQ(settings.rooms.size(), 3U);
    EXPECT_EQ(settings.rooms[0].room, "#_j_a=2fb:hs.example");
    EXPECT_EQ(settings.rooms[1].room, "#_j_=41=3d=2f=c3=a9:hs.example");
    EXPECT_EQ(settings.rooms[2].room, "#c:hs.example");
}

TEST(MatrixBackendSettings, AliasesThatCannotBeAreNotMade) {
    EXPECT_THAT(error("{" + place + ", rooms: [{topic: a}]}"), HasSubstr("the topic has no room"));
    for (const char* prefix : {"\"\"", "J_", "\"#j\"", "a=b"})
        EXPECT_THAT(error("{" + place + ", rooms: [{topic: a}], alias_prefix: " + prefix + "}"), HasSubstr("a prefix has up to")) << prefix;
    EXPECT_THAT(error(R"({url: "https://hs", token: t, room: "!id", alias_prefix: j, rooms: [{topic: a}]})"), HasSubstr("on which server"));
    EXPECT_THAT(error("{" + place + ", alias_prefix: j, rooms: [{topic: " + std::string(300, 'a') + "}]}"), HasSubstr("too long"));
    EXPECT_THAT(error("{" + place + R"(, alias_prefix: sha, rooms: [{topic: red}]})"), HasSubstr("taken already"));
}

TEST(MatrixBackendSettings, DoNotQuoteTheToken) {
    EXPECT_THAT(error(R"({url: "https://hs", token: "top secret", room: "#a:hs"})"), ::testing::AllOf(HasSubstr("one word"), ::testing::Not(HasSubstr("top"))));
}

TEST(MatrixBackendSettings, SayWhereTheHomeserverPushes) {
    EXPECT_EQ(read("{" + place + "}").listen.url, "");
    const std::string secrets = "hs_token: pushed, user: junctor-1";
    const ListenSettings listen = read("{" + place + R"(, listen: {address: "127.0.0.1:9500", )" + secrets + "}}").listen;
    EXPECT_EQ(listen.address.text(), "127.0.0.1:9500");
    EXPECT_EQ(listen.url, "http://127.0.0.1:9500");
    EXPECT_EQ(listen.token, "pushed");
    EXPECT_EQ(listen.user, "junctor-1");
    EXPECT_EQ(read("{" + place + R"(, listen: {address: "0.0.0.0:1", url: "https://plant:99/", )" + secrets + "}}").listen.url, "https://plant:99");
    EXPECT_THAT(error("{" + place + R"(, listen: {address: "127.0.0.1:1", url: "https://plant/path", )" + secrets + "}}"), HasSubstr("write http://host:port"));
    EXPECT_THAT(error("{" + place + R"(, listen: {address: "127.0.0.1:1", hs_token: "a b", user: u}})"), HasSubstr("one word"));
    for (const char* user : {"\"\"", "\"@junctor:hs\"", "Junctor"})
        EXPECT_THAT(error("{" + place + R"(, listen: {address: "127.0.0.1:1", hs_token: t, user: )" + user + "}}"), HasSubstr("no server")) << user;
}

}  // namespace
}  // namespace junctor::matrix
