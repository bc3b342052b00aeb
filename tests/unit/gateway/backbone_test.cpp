#include "gateway/backbone.hpp"

#include <gmock/gmock.h>

#include "gateway/setup_problems.hpp"
#include "tests/unit/gateway/application_fixture.hpp"

namespace junctor {
namespace {

using test::configuration;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string problem(const std::string& text) {
    try {
        const Configuration wanted = configuration(text);
        SetupProblems problems(wanted.source);
        Backbone(wanted, connector_descriptors(), problems);
        problems.throw_any();
    } catch (const config::ConfigError& error) {
        return error.lines().at(0);
    }
    return "none";
}

const std::string broker = "backend: {type: mqtt, url: \"mqtt://127.0.0.1:1\"";

TEST(Backbone, IsEmbeddedUnlessSomethingElseIsWritten) {
    SetupProblems problems("test");
    EXPECT_FALSE(Backbone(configuration("cores: 1"), connector_descriptors(), problems).remote());
    EXPECT_FALSE(Backbone(configuration("backend: {type: embedded}"), connector_descriptors(), problems).remote());
    EXPECT_TRUE(Backbone(configuration(broker + "}"), connector_descriptors(), problems).remote());
}

TEST(Backbone, RefusesPromisesThatTheBackendCannotKeep) {
    EXPECT_EQ(problem(broker + ", promises: [retained, shared_groups, headers, qos_2, durable]}"), "none");
    EXPECT_THAT(problem(broker + ", version: 3.1.1, promises: [durable, retained]}"), HasSubstr("does not keep 'retained'"));
    EXPECT_THAT(problem(broker + "}\nhistory: [{filter: a}]"), HasSubstr("'history' keeps nothing with the backend 'mqtt'"));
    EXPECT_THAT(problem(broker + ", promises: [history]}"), HasSubstr("does not keep 'history'"));
    EXPECT_THAT(problem(broker + ", promises: [retain]}"), HasSubstr("'retain' is no promise; did you mean 'retained'?"));
}

TEST(Backbone, AHomeserverKeepsWhatItsTraitsSay) {
    const std::string matrix = "limits: {packet: 40KiB}\nbackend: {type: matrix, url: \"http://127.0.0.1:1\", token: t, room: \"#a:hs\"";
    EXPECT_EQ(problem(matrix + ", promises: [qos_1, wildcards, retained, history, headers, ordered, durable]}\nhistory: [{filter: a}]"), "none");
    for (const char* promise : {"qos_2", "shared_groups"})
        EXPECT_THAT(problem(matrix + ", promises: [" + promise + "]}"), HasSubstr(std::string("does not keep '") + promise)) << promise;
}

TEST(Backbone, SaysWhatIsWrongWithABrokersPlace) {
    EXPECT_THAT(problem("backend: {type: mqtt, url: \"http://127.0.0.1\"}"), HasSubstr("no mqtt:// or mqtts:// URL"));
    EXPECT_THAT(problem(broker + ", control: a/b}"), HasSubstr("not one topic level: a/b"));
    EXPECT_THAT(problem(broker + ", control: $x}"), HasSubstr("not one topic level: $x"));
}

TEST(Backbone, AMessageMustFitThroughIt) {
    EXPECT_THAT(problem(broker + "}\nlimits: {packet: 250MiB}"), HasSubstr("cannot carry"));
}

TEST(Backbone, NamesHoldWhatAHopPathMayHold) {
    EXPECT_THAT(problem("name: \"plant 1\""), HasSubstr("a gateway's name has up to 64 letters"));
    EXPECT_EQ(problem("name: plant-1"), "none");
}

TEST(Backbone, AMadeUpNameIsKeptWhereThereIsAStore) {
    std::string folder = testing::TempDir() + "/nameXXXXXX";
    ASSERT_TRUE(mkdtemp(folder.data()));
    const auto name = [](const std::string& text) {
        SetupProblems problems("test");
        Backbone backbone(configuration(text), connector_descriptors(), problems);
        backbone.settle_name();
        return backbone.name();
    };
    const std::string kept = name("store: {dir: " + folder + "}");
    EXPECT_THAT(kept, StartsWith("gateway-"));
    EXPECT_EQ(name("store: {dir: " + folder + "}"), kept);
    EXPECT_EQ(name("name: other\nstore: {dir: " + folder + "}"), "other");
    EXPECT_NE(name("cores: 1"), name("cores: 1"));
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace junctor
