#include "gateway/address_rules.hpp"

#include <gmock/gmock.h>

#include "tests/unit/gateway/application_fixture.hpp"

namespace junctor {
namespace {

using test::problems_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// What is said about connectors that a policy lets everybody into.
std::vector<std::string> problems(const std::vector<std::string>& connectors, const std::string& admin = "127.0.0.1:0") {
    std::string text = "cores: 1\nadmin: {address: \"" + admin + "\"}\nconnectors:\n";
    for (const std::string& each : connectors) text += "  - {" + each + "}\n";
    return problems_of(text + "policy: {authenticators: [{type: anonymous, from: any}], authorizers: [{type: allow_all}]}\n");
}

std::string mqtt(const std::string& address) { return "type: mqtt, address: \"" + address + '"'; }
std::string websocket(const std::string& address) { return "type: websocket, address: \"" + address + '"'; }
std::string rest(const std::string& address) { return "type: rest, address: \"" + address + '"'; }
std::string zeromq(const std::string& addresses) {
    return "type: zeromq, mechanism: curve, secret_key: \"JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6\", " + addresses;
}

TEST(AddressRules, AWildcardTakesTheAddressesOfItsFamily) {
    EXPECT_THAT(problems({mqtt("127.0.0.1:1883"), mqtt("0.0.0.0:1883")}),
                ElementsAre(AllOf(HasSubstr(":5:27: connector 'mqtt-2' would listen on 0.0.0.0:1883, which takes 127.0.0.1:1883 of connector 'mqtt' ("),
                                  HasSubstr(":4:27) as well"))));
    EXPECT_THAT(problems({mqtt("[::]:1883"), mqtt("[::1]:1883")}), ElementsAre(HasSubstr(":4:27: connector 'mqtt' would listen on [::]:1883")));
    EXPECT_THAT(problems({mqtt("0.0.0.0:8081")}, "127.0.0.1:8081"), ElementsAre(HasSubstr("which takes 127.0.0.1:8081 of the admin API (")));
    EXPECT_THAT(problems({mqtt("127.0.0.1:1883")}, "0.0.0.0:8081"), IsEmpty());
    EXPECT_THAT(problems({mqtt("127.0.0.1:1883"), mqtt("127.0.0.2:1883"), mqtt("0.0.0.0:1883")}),
                ElementsAre(AllOf(HasSubstr("127.0.0.1:1883 of connector 'mqtt' ("), HasSubstr(" and 127.0.0.2:1883 of connector 'mqtt-2' ("))));
}

TEST(AddressRules, OtherPortsAndFamiliesAreApart) {
    EXPECT_THAT(problems({mqtt("127.0.0.1:1883"), mqtt("0.0.0.0:1884"), mqtt("127.0.0.2:1883")}), IsEmpty());
    EXPECT_THAT(problems({mqtt("127.0.0.1:1883"), mqtt("[::]:1883")}), IsEmpty()) << "[::] is for IPv6 alone";
    EXPECT_THAT(problems({mqtt("0.0.0.0:1883"), mqtt("[::]:1883"), websocket("[::]:1884"), rest("127.0.0.1:1884")}), IsEmpty());
    EXPECT_THAT(problems({mqtt("0.0.0.0:0"), mqtt("127.0.0.2:0"), zeromq("publish: \"0.0.0.0:0\", subscribe: \"0.0.0.0:0\"")}), IsEmpty()) << "any free port";
}

TEST(AddressRules, ConnectorsThatSpeakHttpShareAnAddressButNotAWildcardBesideIt) {
    EXPECT_THAT(problems({websocket("0.0.0.0:8080"), rest("0.0.0.0:8080")}), IsEmpty());
    EXPECT_THAT(problems({websocket("127.0.0.1:8080"), rest("127.0.0.1:8080"), mqtt("127.0.0.1:8080") + ", path: /mqtt"}), IsEmpty());
    EXPECT_THAT(problems({websocket("127.0.0.1:8080"), rest("127.0.0.1:8080"), mqtt("0.0.0.0:8080") + ", path: /mqtt"}),
                ElementsAre(HasSubstr("which takes 127.0.0.1:8080 of connector 'websocket' (")))
        << "an address is told once";
}

TEST(AddressRules, SocketsOfAConnectorsOwnAreForItAlone) {
    EXPECT_THAT(problems({mqtt("127.0.0.1:5556"), zeromq("publish: \"127.0.0.1:5556\"")}),
                ElementsAre(HasSubstr("connector 'zeromq' would listen on 127.0.0.1:5556 of connector 'mqtt' (")));
    EXPECT_THAT(problems({zeromq("publish: \"127.0.0.1:5556\", subscribe: \"127.0.0.1:5556\"")}), ElementsAre(HasSubstr("cannot be shared: use another port")));
    EXPECT_THAT(problems({zeromq("publish: \"[::]:5556\""), mqtt("127.0.0.1:5556")}), ElementsAre(HasSubstr("[::]:5556, which takes 127.0.0.1:5556")))
        << "those of libzmq are for both families";
    EXPECT_THAT(problems({zeromq("publish: \"[::1]:5556\""), mqtt("0.0.0.0:5556")}), IsEmpty());
}

TEST(AddressRules, WhereAServerCallsCounts) {
    const std::string homeserver = R"(limits: {packet: 40KiB}
connectors: []
policy: {authenticators: [], authorizers: []}
backend: {type: matrix, url: "http://127.0.0.1:1", token: t, room: "#a:hs", listen: {address: "127.0.0.1:9500", hs_token: hs, user: gw}}
)";
    EXPECT_THAT(problems_of(homeserver + "admin: {address: \"127.0.0.1:9500\"}"), IsEmpty());
    EXPECT_THAT(problems_of(homeserver + "admin: {address: \"0.0.0.0:9500\"}"), ElementsAre(HasSubstr("which takes 127.0.0.1:9500 of the backend (")));
}

}  // namespace
}  // namespace junctor
