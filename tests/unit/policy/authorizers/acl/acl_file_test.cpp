// Threat class 11: a rule file that is no good never opens anything.

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/observe/log.hpp"
#include "tests/unit/policy/authorizers/acl/acl_fixture.hpp"

namespace junctor {
namespace {

using test::Asker;
using test::HasSubstr;
using test::Outcome;

class Threat11Acl : public test::AclFixture {
protected:
    Threat11Acl() : path_(std::filesystem::path(testing::TempDir()) / ("acl" + std::to_string(getpid()) + ".yaml")) {}
    ~Threat11Acl() override { std::filesystem::remove(path_); }

    void write(const std::string& text) { std::ofstream(path_, std::ios::binary) << text; }
    void open(const std::string& text, const std::string& own = {}) {
        write(text);
        acl = make("file: " + path_.string() + own);
    }
    acl::Acl& of_file() { return dynamic_cast<acl::Acl&>(*acl); }

    const std::filesystem::path path_;
    const Asker pump{"pump"};
};

constexpr const char* closed = "rules:\n  - {allow: [publish], topics: [a]}\n  - {deny: [publish], topics: [secret/#]}\n";

TEST_F(Threat11Acl, TheFileIsReadBesideTheRulesOfTheConfiguration) {
    open(closed, "\nrules: [{name: own, allow: [publish], topics: [b, secret/x]}]");
    EXPECT_EQ(verdict(pump, Verb::publish, "a").rule, path_.string() + ":2");
    EXPECT_EQ(verdict(pump, Verb::publish, "b").rule, "own");
    EXPECT_EQ(ask(pump, Verb::publish, "secret/x"), Outcome::deny);
}

TEST_F(Threat11Acl, AChangedFileIsTakenOverAndTold) {
    open(closed);
    write("rules: [{allow: [publish], topics: [b]}]");
    of_file().reload();
    EXPECT_EQ(changes, 1);
    EXPECT_EQ(ask(pump, Verb::publish, "a"), Outcome::abstain);
    EXPECT_EQ(ask(pump, Verb::publish, "b"), Outcome::allow);
}

TEST_F(Threat11Acl, TheLogSaysSoOnlyWhenTheRulesAreInForce) {
    open(closed);
    std::string lines;
    std::string before_the_change = "nothing was told";
    redirect_log([&](std::string_view line) { lines += line; });
    on_change = [&] {
        flush_log();
        before_the_change = lines;
    };
    of_file().reload();
    flush_log();
    redirect_log(nullptr);
    EXPECT_EQ(before_the_change, "");
    EXPECT_THAT(lines, HasSubstr("rules reloaded"));
}

TEST_F(Threat11Acl, ABadFileKeepsTheRulesAndSaysSo) {
    open(closed);
    std::string lines;
    redirect_log([&](std::string_view line) { lines += line; });
    for (const char* bad : {"", "\n", "rules:", "rules: []", "{}", "rules: {allow: [all]}", "rules: [{allow: [all], topics: [a/#/b]}]", "rules: [{allow: [all]}", "- allow",
                            "allow: [all]", "rules: [{allow: [everything]}]", "rules: [{allow: [all]}]\nother: 1", "\xff\xfe"}) {
        write(bad);
        of_file().reload();
        EXPECT_EQ(ask(pump, Verb::publish, "a"), Outcome::allow) << bad;
        EXPECT_EQ(ask(pump, Verb::publish, "b"), Outcome::abstain) << bad;
        EXPECT_EQ(ask(pump, Verb::publish, "secret/x"), Outcome::deny) << bad;
    }
    std::filesystem::remove(path_);
    of_file().reload();
    EXPECT_EQ(ask(pump, Verb::publish, "secret/x"), Outcome::deny);
    EXPECT_EQ(changes, 0);
    flush_log();
    redirect_log(nullptr);
    EXPECT_THAT(lines, HasSubstr("rules kept as they were"));
    EXPECT_THAT(lines, HasSubstr("there is no rule in it"));
}

TEST_F(Threat11Acl, ABadFileDoesNotStart) {
    write("rules: []");
    EXPECT_THAT(error("file: " + path_.string()), HasSubstr("there is no rule in it"));
    EXPECT_THAT(error("file: /not/there"), HasSubstr("cannot be read"));
}

TEST_F(Threat11Acl, TheWatchNoticesWritesAndReplacements) {
    open(closed);
    acl->start();
    const auto become = [&](const char* topic) {
        for (int i = 0; i < 1'000 && ask(pump, Verb::publish, topic) != Outcome::allow; ++i) usleep(10'000);
        return ask(pump, Verb::publish, topic);
    };
    write("rules: [{allow: [publish], topics: [written]}]");
    EXPECT_EQ(become("written"), Outcome::allow);
    const std::filesystem::path beside = path_.string() + ".new";
    std::ofstream(beside) << "rules: [{allow: [publish], topics: [replaced]}]";
    std::filesystem::rename(beside, path_);
    EXPECT_EQ(become("replaced"), Outcome::allow);
    EXPECT_EQ(ask(pump, Verb::publish, "written"), Outcome::abstain);
}

}  // namespace
}  // namespace junctor
