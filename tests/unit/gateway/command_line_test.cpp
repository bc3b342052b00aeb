#include "gateway/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace junctor {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Ran {
    Exit exit;
    std::string out;
    std::string err;
};

Ran run(const std::vector<std::string>& arguments, const std::string& input = {}) {
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    const Exit exit = run_command_line(arguments, in, out, err);
    return {exit, out.str(), err.str()};
}

std::filesystem::path fresh(const std::string& name) {
    const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / (name + std::to_string(getpid()));
    std::filesystem::remove(path);
    return path;
}

std::string file_with(const std::string& name, const std::string& text) {
    const auto path = fresh(name);
    std::ofstream(path) << text;
    return path.string();
}

TEST(CommandLine, MistypedCommandsAndOptionsNameTheNearestOrTheHelp) {
    const Ran command = run({"chekc"});
    EXPECT_EQ(command.exit, Exit::usage);
    EXPECT_EQ(command.err, "junctor: 'chekc' is no command; did you mean 'check'?\n");
    const Ran option = run({"pub", "mqtt://x/a", "--mesage", "x"});
    EXPECT_EQ(option.exit, Exit::usage);
    EXPECT_EQ(option.err, "junctor: '--mesage' is no option of 'pub'; did you mean '--message'?\n");
    EXPECT_THAT(run({"pub", "mqtt://x/a", "--zzzzzzzz"}).err, HasSubstr("'junctor pub --help'"));
}

TEST(CommandLine, NumbersThatMakeNoSenseAreRefusedInOneLine) {
    const auto refused = [](const std::string& command, const std::vector<std::string>& options) {
        std::vector<std::string> arguments{command, "mqtt://127.0.0.1:1/a"};
        arguments.insert(arguments.end(), options.begin(), options.end());
        const Ran ran = run(arguments);
        EXPECT_EQ(ran.exit, Exit::usage) << ran.err;
        return ran.err;
    };
    EXPECT_EQ(refused("sub", {"-n", "-1"}), "junctor: --count: must be a whole number from 1 up, not '-1'; 'junctor sub --help' lists what there is\n");
    EXPECT_EQ(refused("sub", {"--count=0"}), "junctor: --count: must be a whole number from 1 up, not '0'; 'junctor sub --help' lists what there is\n");
    EXPECT_EQ(refused("pub", {"-m", "x", "-q", "3"}), "junctor: --qos: must be 0, 1 or 2, not '3'; 'junctor pub --help' lists what there is\n");
    EXPECT_THAT(refused("sub", {"-n", ""}), StartsWith("junctor: --count: must be"));
    EXPECT_THAT(refused("pub", {"-m", "x", "--ttl", "0s"}), StartsWith("junctor: --ttl: must be a time"));
    EXPECT_THAT(refused("sub", {"--session", "s", "--expiry", "-1s"}), StartsWith("junctor: --expiry: must be a time"));
    for (const char* command : {"pub", "sub", "request"}) EXPECT_THAT(refused(command, {"--timeout", "0"}), StartsWith("junctor: --timeout: must be a time"));
}

TEST(CommandLine, WhatHasNoValueIsNotTakenForNothing) {
    const auto refused = [](const std::vector<std::string>& arguments) {
        const Ran ran = run(arguments);
        EXPECT_EQ(ran.exit, Exit::usage) << arguments.back();
        return ran.err;
    };
    EXPECT_EQ(refused({"check", ""}), "junctor: FILE: must not be empty; 'junctor check --help' lists what there is\n");
    EXPECT_EQ(refused({"run", "-c", ""}), "junctor: --config: must not be empty; 'junctor run --help' lists what there is\n");
    for (const char* option : {"--session", "--id", "--password-file", "--token-file", "--ca"})
        EXPECT_THAT(refused({"sub", "mqtt://127.0.0.1:1/a", option, ""}), HasSubstr("must not be empty")) << option;
    EXPECT_THAT(refused({"pub", "mqtt://127.0.0.1:1/a", "", "-m", "x"}), HasSubstr("TOPIC: must not be empty"));
    EXPECT_THAT(run({"pub", "mqtt://127.0.0.1:1/a", "-m", ""}).err, HasSubstr("cannot connect")) << "a payload may be";
}

TEST(CommandLine, AFileWhereACommandIsExpectedSaysHowToRunIt) {
    EXPECT_EQ(run({"my.yaml"}).err, "junctor: 'my.yaml' is no command; 'junctor run -c my.yaml' runs a configuration file\n");
    EXPECT_THAT(run({"run", "my.yaml"}).err, HasSubstr("a configuration file is given by -c"));
    EXPECT_EQ(run({"--check"}).err, "junctor: '--check' is no option of 'junctor'; did you mean the command 'check'?\n");
    EXPECT_EQ(run({"--verson"}).err, "junctor: '--verson' is no option of 'junctor'; did you mean '--version'?\n");
    const std::string good = file_with("good", "cores: 1\n");
    EXPECT_EQ(run({"check", "-c", good}).out, good + ": good\n");
    EXPECT_EQ(run({"check", good, "-c", good}).exit, Exit::usage);
}

TEST(CommandLine, OptionsThatWouldEncryptAreNotPassedOverInSilence) {
    const auto said = [](const std::string& url, const std::vector<std::string>& options) {
        std::vector<std::string> arguments{"pub", url, "-m", "x"};
        arguments.insert(arguments.end(), options.begin(), options.end());
        return run(arguments).err;
    };
    EXPECT_EQ(said("mqtt://127.0.0.1:1/a", {"--ca", "ca.pem"}), "junctor: --ca is of no use with mqtt://; with TLS it is mqtts://\n");
    EXPECT_EQ(said("ws://127.0.0.1:1/ws/a", {"--cert", "c.pem"}), "junctor: --cert is of no use with ws://; with TLS it is wss://\n");
    EXPECT_EQ(said("mqtt+ws://127.0.0.1:1/mqtt/a", {"--ca", "c.pem"}), "junctor: --ca is of no use with mqtt+ws://; with TLS it is mqtt+wss://\n");
    EXPECT_EQ(said("http://127.0.0.1:1/a", {"--insecure"}), "junctor: --insecure is of no use with http://; with TLS it is https://\n");
    EXPECT_EQ(said("zmq://127.0.0.1:1/a", {"--ca", "x"}), "junctor: --ca is of no use with zmq://, which is encrypted by --curve-server-key\n");
    EXPECT_EQ(said("mqtts://127.0.0.1:1/a", {"--curve-server-key", "k"}), "junctor: --curve-server-key is of no use with mqtts://, which CURVE does not encrypt\n");
    for (const char* encrypted : {"mqtts://127.0.0.1:1/a", "mqtt+wss://127.0.0.1:1/mqtt/a", "wss://127.0.0.1:1/ws/a", "https://127.0.0.1:1/a"})
        EXPECT_THAT(said(encrypted, {"--insecure"}), HasSubstr("cannot connect")) << encrypted;
}

TEST(CommandLine, HelpIsNoError) {
    const Ran help = run({"--help"});
    EXPECT_EQ(help.exit, Exit::ok);
    EXPECT_THAT(help.out, HasSubstr("Examples:"));
    EXPECT_EQ(run({"help"}).out, help.out);
    EXPECT_EQ(run({"help", "pub"}).out, run({"pub", "--help"}).out);
    EXPECT_EQ(run({"help", "chekc"}).err, "junctor: 'chekc' is no command; did you mean 'check'?\n");
}

TEST(CommandLine, OutputThatIsLostIsAFailure) {
    std::istringstream in;
    std::ofstream full("/dev/full");
    std::ostringstream err;
    EXPECT_EQ(run_command_line({"schema"}, in, full, err), Exit::failed);
    EXPECT_EQ(err.str(), "junctor: standard output takes no more\n");
}

TEST(CommandLine, VersionAndPlugins) {
    EXPECT_THAT(run({"version"}).out, StartsWith("junctor "));
    EXPECT_EQ(run({"--version"}).out, run({"version"}).out);
    EXPECT_EQ(run({"--version"}).exit, Exit::ok);
    EXPECT_THAT(run({"plugins"}).out, HasSubstr("mqtt\n  "));
}

TEST(CommandLine, SchemaIsJsonAndKnowsEveryConnector) {
    const auto schema = nlohmann::json::parse(run({"schema"}).out);
    EXPECT_FALSE(schema["properties"]["connectors"]["items"]["oneOf"].empty());
    EXPECT_THAT(run({"reference"}).out, HasSubstr("| `unauthenticated_packet` | size | `64KiB` |"));
}

TEST(CommandLine, ARegistrationIsANewFileForItsOwnerAlone) {
    const std::string config = file_with("puppets", R"(
limits: {packet: 40KiB}
backend: {type: matrix, url: "http://127.0.0.1:8008", token: own, room: "#a:hs", puppets: {token: canary}}
)");
    const std::string file = fresh("service").string();
    const Ran written = run({"registration", "-c", config, file});
    EXPECT_EQ(written.exit, Exit::ok) << written.err;
    EXPECT_THAT(written.out, testing::Not(HasSubstr("canary")));
    EXPECT_EQ(std::filesystem::status(file).permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    EXPECT_EQ(nlohmann::json::parse(std::ifstream(file))["as_token"], "canary");
    EXPECT_THAT(run({"registration", "-c", config, file}).err, HasSubstr("exists and is left as it is; name another file"));
}

TEST(CommandLine, PuppetsAndAListenerAreRegisteredApart) {
    const std::string config = file_with("both", R"(
limits: {packet: 40KiB}
backend:
  type: matrix
  url: "http://127.0.0.1:8008"
  token: own
  room: "#a:hs"
  puppets: {token: canary}
  listen: {address: "127.0.0.1:9500", hs_token: pushed, user: junctor-1}
)");
    const std::filesystem::path file = fresh("both.yaml");
    const std::filesystem::path other = std::filesystem::path(file).replace_filename(file.stem().string() + "-puppets" + file.extension().string());
    std::filesystem::remove(other);
    const Ran written = run({"registration", "-c", config, file.string()});
    EXPECT_EQ(written.exit, Exit::ok) << written.err;
    EXPECT_THAT(written.out, HasSubstr("-puppets.yaml"));
    EXPECT_EQ(nlohmann::json::parse(std::ifstream(file))["url"], "http://127.0.0.1:9500");
    EXPECT_EQ(nlohmann::json::parse(std::ifstream(other))["as_token"], "canary");
    EXPECT_EQ(std::filesystem::status(other).permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(CommandLine, ARegistrationThatNobodyNeedsIsNotWritten) {
    const std::string user = R"({type: matrix, url: "http://127.0.0.1:8008", token: own, room: "#a:hs"})";
    const std::string file = fresh("service").string();
    EXPECT_THAT(run({"registration", "-c", file_with("user", "limits: {packet: 40KiB}\nbackend: " + user + "\n"), file}).err, HasSubstr("without 'puppets'"));
    EXPECT_THAT(run({"registration", "-c", file_with("alone", "cores: 1\n"), file}).err, HasSubstr("neither the backend nor a bridge"));
    EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(CommandLine, WhatInitWritesIsGoodAndNeverOverwritesAFile) {
    const std::string path = fresh("init").string();
    EXPECT_EQ(run({"init", path}).exit, Exit::ok);
    const Ran checked = run({"check", path});
    EXPECT_EQ(checked.exit, Exit::ok) << checked.err;
    const Ran again = run({"init", path});
    EXPECT_EQ(again.exit, Exit::failed);
    EXPECT_THAT(again.err, HasSubstr("exists and is left as it is"));
}

TEST(CommandLine, CheckTellsEveryErrorWithItsPlace) {
    const std::string path = file_with("bad", "cors: 2\nlog: {level: loud}\n");
    const Ran checked = run({"check", path});
    EXPECT_EQ(checked.exit, Exit::failed);
    EXPECT_EQ(checked.err, path + ":1:1: unknown key 'cors'; did you mean 'cores'?\n" + path +
                               ":2:14: 'level' cannot be 'loud'; valid here: debug, info, warning, error\n");
}

TEST(CommandLine, CheckNeedsAFileThatIsThere) {
    EXPECT_THAT(run({"check", "/nonexistent.yaml"}).err, HasSubstr("/nonexistent.yaml: cannot be read: No such file or directory"));
}

TEST(CommandLine, TheUniversalClientExplainsWhatIsWrongWithAUrl) {
    EXPECT_THAT(run({"pub", "mqt://127.0.0.1:1/a", "-m", "x"}).err, HasSubstr("Nothing here speaks 'mqt://'"));
    EXPECT_THAT(run({"sub", "127.0.0.1"}).err, HasSubstr("is no URL; write it like mqtt://"));
}

}  // namespace
}  // namespace junctor
