#include "core/config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace junctor::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Schema schema() {
    return {
        {.name = "cores", .type = Type::integer, .doc = "How many.", .fallback = "0", .max = 64},
        {.name = "name", .type = Type::text, .doc = "A name.", .fallback = "\"\""},
        {.name = "address", .type = Type::address, .doc = "Where to listen."},
        {.name = "limits",
         .type = Type::section,
         .doc = "Limits.",
         .fields = {{.name = "packet", .type = Type::size, .doc = "Largest packet.", .fallback = "8MiB", .min = 16},
                    {.name = "timeout", .type = Type::duration, .doc = "Longest wait.", .fallback = "10s"}}},
        {.name = "level", .type = Type::choice, .doc = "Level.", .fallback = "info", .choices = {"debug", "info", "warning"}},
        {.name = "verbose", .type = Type::boolean, .doc = "More.", .fallback = "false"},
        {.name = "tags", .type = Type::text_list, .doc = "Tags.", .fallback = "[a, b]"},
        {.name = "password", .type = Type::secret, .doc = "A secret."},
        {.name = "doors",
         .type = Type::section_list,
         .doc = "Doors.",
         .fields = {{.name = "colour", .type = Type::text, .doc = "Colour.", .fallback = "red"}},
         .variants = {{"wood", "A wooden one.", {{.name = "tree", .type = Type::text, .doc = "Which tree.", .required = true}}},
                      {"glass", "A glass one.", {}}}},
    };
}

Source source(std::filesystem::path directory = {}) {
    Environment environment = [](std::string_view name) -> std::optional<std::string> {
        if (name == "SET") return "7";
        if (name == "TRICK") return "x\ncores: 9";
        return std::nullopt;
    };
    return {"j.yaml", std::move(directory), environment};
}

std::vector<std::string> errors(std::string_view text) {
    try {
        load_text(text, schema(), source());
        return {};
    } catch (const ConfigError& error) {
        return error.lines();
    }
}

TEST(Load, EveryFieldHasItsDefault) {
    const Section section = load_defaults(schema());
    EXPECT_EQ(section.integer("cores"), 0);
    EXPECT_EQ(section.text("name"), "");
    EXPECT_FALSE(section.has("address"));
    EXPECT_FALSE(section.has("limits"));
    EXPECT_EQ(section.section("limits").size("packet"), 8U << 20);
    EXPECT_EQ(section.section("limits").duration("timeout"), std::chrono::seconds(10));
    EXPECT_EQ(section.text("level"), "info");
    EXPECT_FALSE(section.boolean("verbose"));
    EXPECT_THAT(section.texts("tags"), ElementsAre("a", "b"));
    EXPECT_TRUE(section.sections("doors").empty());
}

TEST(Load, ReadsWhatIsWritten) {
    const Section section = load_text(R"(cores: ${SET}
address: "[::1]:80"
limits: {packet: 64k, timeout: 250ms}
level: debug
verbose: true
tags: []
doors:
  - {type: wood, tree: oak}
  - type: glass
    colour: none
)",
                                      schema(), source());
    EXPECT_EQ(section.integer("cores"), 7);
    EXPECT_EQ(section.text("address"), "[::1]:80");
    EXPECT_TRUE(section.has("limits"));
    EXPECT_EQ(section.section("limits").size("packet"), 65'536U);
    EXPECT_EQ(section.section("limits").duration("timeout"), std::chrono::milliseconds(250));
    EXPECT_TRUE(section.texts("tags").empty());
    ASSERT_EQ(section.sections("doors").size(), 2U);
    EXPECT_EQ(section.sections("doors")[0].text("tree"), "oak");
    EXPECT_EQ(section.sections("doors")[0].text("colour"), "red");
    EXPECT_EQ(section.sections("doors")[1].text("type"), "glass");
    EXPECT_EQ(section.sections("doors")[1].where("colour"), "j.yaml:10:13");
    EXPECT_EQ(section.sections("doors")[1].where(), "j.yaml:9:5");
}

TEST(Load, JsonIsASubset) { EXPECT_EQ(load_text(R"({"cores": 3, "tags": ["x"]})", schema(), source()).integer("cores"), 3); }

TEST(Load, TellsAllErrorsAtOnceInTheOrderOfTheFile) {
    EXPECT_THAT(errors("cors: 3\nlimits:\n  packet: many\n  timeout: soon\nlevel: inof\ndoors: [{type: wod}, {type: wood}]\n"),
                ElementsAre("j.yaml:1:1: unknown key 'cors'; did you mean 'cores'?",
                            "j.yaml:3:11: 'packet' is a size like 64KiB or 16MiB, at least 16, not 'many'",
                            "j.yaml:4:12: 'timeout' is a time like 250ms, 30s or 5m, not 'soon'",
                            "j.yaml:5:8: 'level' cannot be 'inof'; did you mean 'info'?",
                            "j.yaml:6:16: 'type' cannot be 'wod'; did you mean 'wood'?", "j.yaml:6:22: 'tree' is missing: Which tree."));
}

TEST(Load, NamesWhatIsValidWhenNothingIsNear) {
    EXPECT_THAT(errors("limits: {zzzzzz: 1}"), ElementsAre("j.yaml:1:10: unknown key 'zzzzzz'; valid here: packet, timeout"));
    EXPECT_THAT(errors("doors: [{}]"), ElementsAre("j.yaml:1:9: 'type' is missing; valid here: wood, glass"));
}

// It would pass `check`, and then not start.
TEST(Load, RefusesAddressesThatCannotBeListenedOnAndSaysWhatToWrite) {
    EXPECT_THAT(errors("address: '[::ffff:127.0.0.1]:80'"),
                ElementsAre("j.yaml:1:10: 'address' cannot be '[::ffff:127.0.0.1]:80', which is an IPv4 address in disguise; write 127.0.0.1:80"));
}

TEST(Load, RefusesValuesOfTheWrongShape) {
    for (const char* text : {"cores: -1",
                             "cores: 65",
                             "cores: 1.5",
                             "cores: [1]",
                             "cores: {}",
                             "cores:",
                             "cores: ''",
                             "verbose: yes",
                             "address: 80",
                             "limits: 3",
                             "limits:",
                             "limits: []",
                             "doors: {}",
                             "doors: [3]",
                             "tags: a",
                             "tags: [[a]]",
                             "limits: {packet: 15}",
                             "limits: {timeout: -1s}",
                             "limits: {packet: 99999999999999GiB}",
                             "password: ''",
                             "password: [x]"})
        EXPECT_EQ(errors(text).size(), 1U) << text;
}

TEST(Load, RefusesDocumentsThatAreNoConfiguration) {
    for (const char* text : {"", "# nothing\n", "~", "hello", "- a", "cores: [", "cores: 1\ncores: 1", "a: &x 1\nb: *x", "{[a]: 1}",
                             "cores: 1\n---\ncores: 2", "\x01", "\t- x: [", "cores: \"\\x00\"", "%YAML 9\n---\n", "cores: 1: 2"})
        EXPECT_FALSE(errors(text).empty()) << text;
    EXPECT_THAT(errors("cores: 1\nname: x\ncores: 2"), ElementsAre("j.yaml:3:1: 'cores' is set twice here; keep one"));
}

TEST(Load, BoundsWhatADocumentMayCost) {
    EXPECT_THAT(errors(std::string(2 << 20, ' ')), ElementsAre(HasSubstr("larger than 1 MiB")));
    EXPECT_THAT(errors("name: " + std::string(200, '[')), ElementsAre(HasSubstr("nested too deeply")));
    std::string many = "tags: [";
    for (int i = 0; i < 100'001; ++i) many += "a,";
    EXPECT_THAT(errors(many + "]"), ElementsAre(HasSubstr("too many values")));
    std::string keys;
    for (int i = 0; i < 60'000; ++i) keys += "k" + std::to_string(i) + ": 1\n";
    EXPECT_THAT(errors(keys), ElementsAre("j.yaml:1001:1: a section cannot hold so many keys")) << "each is compared with all others";
}

TEST(Load, SaysWhatToDoAboutWhatIsNoYaml) {
    EXPECT_THAT(errors("limits:\n\tpacket: 1MiB\n"), ElementsAre(HasSubstr("j.yaml:2:8: this line begins with a tab; indent with spaces")));
    EXPECT_THAT(errors("cores: 1\n\tname: x\n"), ElementsAre("j.yaml:2:1: this line begins with a tab; indent with spaces"));
    EXPECT_THAT(errors("cores: 1\n  name: x\n"), ElementsAre(HasSubstr("j.yaml:2:7: not valid YAML: no 'key: value' can begin here; look at the indentation")));
    EXPECT_THAT(errors("doors:\n  - type: glass\n - type: glass\n"), ElementsAre(HasSubstr("look at the indentation")));
    EXPECT_THAT(errors("limits: {packet: 1MiB\ncores: 1\n"), ElementsAre(HasSubstr("a '{' is not closed before this, or a comma is missing")));
    EXPECT_THAT(errors("tags: [a, b\ncores: 1\n"), ElementsAre(HasSubstr("a '[' is not closed before this")));
    EXPECT_THAT(errors("name: *nowhere"), ElementsAre(HasSubstr("aliases are not supported")));
}

TEST(Load, TakesUtf8Alone) {
    EXPECT_EQ(load_text("\xef\xbb\xbf" "name: \"caf\xc3\xa9\"\n", schema(), source()).text("name"), "caf\xc3\xa9");
    EXPECT_THAT(errors("cores: 1\nname: \xc3\xa9 caf\xe9\n"), ElementsAre("j.yaml:2:12: this is no text in UTF-8; save the file as UTF-8"));
    EXPECT_THAT(errors(std::string_view("\xff\xfe" "c\0", 4)), ElementsAre("j.yaml:1:1: this is no text in UTF-8; save the file as UTF-8"));
}

TEST(Load, AVariableNeverAddsKeys) {
    EXPECT_EQ(load_text("name: ${TRICK}", schema(), source()).integer("cores"), 0);
    EXPECT_THAT(errors("name: ${MISSING}"),
                ElementsAre("j.yaml:1:7: 'name' cannot be read: the variable MISSING is not set; set it or write ${MISSING:-default}"));
}

TEST(Load, SecretsComeFromFilesAndNeverShowInErrors) {
    const std::filesystem::path directory = testing::TempDir();
    std::ofstream(directory / "secret.txt") << "hunter2\n";
    std::ofstream(directory / "empty.txt") << "\n";
    const Section read = load_text("password: {file: secret.txt}", schema(), source(directory));
    EXPECT_EQ(read.text("password"), "hunter2");
    EXPECT_EQ(read.file("password"), std::filesystem::absolute(directory / "secret.txt"));
    EXPECT_EQ(load_text("password: hunter2", schema(), source(directory)).file("password"), "");
    EXPECT_THROW(load_text("password: {file: empty.txt}", schema(), source(directory)), ConfigError);
    EXPECT_THAT(errors("password: {file: /none}"), ElementsAre(HasSubstr("No such file")));
    EXPECT_THAT(errors("password: pa${hunter2}"), ElementsAre(testing::Not(HasSubstr("hunter2"))));
}

TEST(Load, AFileThatCannotBeReadIsAnError) {
    EXPECT_THROW(load_file("/nonexistent/j.yaml", schema()), ConfigError);
    EXPECT_THROW(load_file(testing::TempDir(), schema()), ConfigError);
}

Reading read(std::string_view text) { return read_text(text, schema(), source()); }

TEST(Reading, WhatIsSoundCanBeReadBesideWhatIsNot) {
    const Reading reading = read("cores: many\nlimits: {packet: 64k, timeout: soon}\nlevel: debug\n"
                                 "doors: [{type: wood, tree: oak}, {type: glass, color: blue}, {type: wod, colour: green}, 3]");
    EXPECT_EQ(reading.problems.lines().size(), 5U);
    const Section& root = reading.root;
    EXPECT_FALSE(root.sound());
    EXPECT_FALSE(root.sound("cores"));
    EXPECT_EQ(root.integer("cores"), 0) << "its default";
    EXPECT_FALSE(root.sound("limits"));
    EXPECT_TRUE(root.section("limits").sound("packet"));
    EXPECT_FALSE(root.section("limits").sound("timeout"));
    EXPECT_EQ(root.section("limits").duration("timeout"), std::chrono::seconds(10));
    EXPECT_TRUE(root.sound("level"));
    EXPECT_TRUE(root.sound("tags")) << "not written";
    EXPECT_FALSE(root.sound("doors"));
    const std::vector<Section>& doors = root.sections("doors");
    ASSERT_EQ(doors.size(), 4U);
    EXPECT_TRUE(doors[0].sound());
    EXPECT_FALSE(doors[1].sound());
    EXPECT_TRUE(doors[1].sound("type"));
    EXPECT_FALSE(doors[1].sound("colour"));
    EXPECT_FALSE(doors[2].sound("type"));
    EXPECT_FALSE(doors[2].has("type"));
    EXPECT_EQ(doors[2].text("colour"), "green");
    EXPECT_FALSE(doors[3].sound("colour"));
}

TEST(Reading, AKeyThatIsNoneLeavesInDoubtWhatItMayHaveMeant) {
    const Reading reading = read("limts: {packet: 3}\ndors: []\nnames: x\nzzzzzz: 1");
    EXPECT_EQ(reading.problems.lines().size(), 4U);
    EXPECT_FALSE(reading.root.sound("limits"));
    EXPECT_FALSE(reading.root.has("limits"));
    EXPECT_FALSE(reading.root.section("limits").sound("packet"));
    EXPECT_FALSE(reading.root.sound("doors"));
    EXPECT_FALSE(reading.root.sound("name"));
    EXPECT_TRUE(reading.root.sound("cores"));
}

TEST(Reading, OneFaultIsOneProblem) {
    EXPECT_THAT(errors("doors: [{type: wood, tre: oak}]"), ElementsAre("j.yaml:1:22: unknown key 'tre'; did you mean 'tree'?"));
    EXPECT_THAT(errors("doors: [{tpye: wood, tree: oak}]"), ElementsAre("j.yaml:1:10: unknown key 'tpye'; did you mean 'type'?"));
    EXPECT_THAT(errors("foo: 1\nfoo: 2"), ElementsAre(HasSubstr("1:1: unknown key 'foo'"), HasSubstr("2:1: 'foo' is set twice")));
    EXPECT_THAT(errors("cores: &a 1\nname: *a"), ElementsAre("j.yaml:2:7: aliases are not supported; write the value out"));
    EXPECT_THAT(errors("name: &a x\n<<: *a"), ElementsAre("j.yaml:2:5: aliases are not supported; write the value out"));
    EXPECT_THAT(errors("name: &a x\ntags: [*a]"), ElementsAre(HasSubstr("aliases are not supported")));
    EXPECT_THAT(errors("name: &a x\ndoors: *a"), ElementsAre(HasSubstr("aliases are not supported")));
    EXPECT_THAT(errors("name: &a x\npassword: {file: *a}"), ElementsAre(HasSubstr("aliases are not supported")));
    EXPECT_THAT(errors("level: \"\\x01\""), ElementsAre("j.yaml:1:8: control characters are not allowed"));
    EXPECT_THAT(errors("\"\\x01\": 1"), ElementsAre("j.yaml:1:1: control characters are not allowed"));
}

TEST(Reading, WhatIsSetTwiceHidesNothing) {
    EXPECT_THAT(errors("cores: many\ncores: 2\nlevel: loud\ntags: [[a], [b]]"),
                ElementsAre(HasSubstr("1:8: 'cores' is a whole number"), HasSubstr("2:1: 'cores' is set twice"), HasSubstr("3:8: 'level' cannot be"),
                            HasSubstr("4:8: 'tags' holds only texts"), HasSubstr("4:13: 'tags' holds only texts")));
    EXPECT_FALSE(read("cores: 1\ncores: 2").root.sound("cores"));
}

TEST(Reading, WithoutATypeWhatAllHaveInCommonIsRead) {
    EXPECT_THAT(errors("doors: [{type: wod, colour: [x], tree: oak}]"),
                ElementsAre(HasSubstr("1:16: 'type' cannot be 'wod'"), HasSubstr("1:29: 'colour' is a single value")));
}

TEST(Section, FindsItsSoundTextsOfOneType) {
    const Schema nested{{.name = "address", .type = Type::address, .doc = "Where."},
                        {.name = "inner", .type = Type::section, .doc = "Inner.", .fields = {{.name = "listen", .type = Type::address, .doc = "Where."}}},
                        {.name = "broken", .type = Type::address, .doc = "Where."}};
    const Reading reading = read_text("address: 127.0.0.1:1\ninner: {listen: \"[::1]:2\"}\nbroken: x", nested, source());
    std::vector<std::string> found;
    for (const Section::Placed& each : reading.root.texts_of(Type::address)) found.push_back(each.where + " " + each.text);
    EXPECT_THAT(found, ElementsAre("j.yaml:1:10 127.0.0.1:1", "j.yaml:2:17 [::1]:2"));
}

TEST(Problems, AreToldOnceInTheOrderOfTheirPlaces) {
    Problems problems("a.yaml");
    problems.add({2, 1}, "second");
    problems.add_line({2, 1}, "other.yaml:1:1: elsewhere");
    problems.add({1, 5}, "first");
    problems.add({2, 1}, "second");
    EXPECT_THAT(problems.lines(), ElementsAre("a.yaml:1:5: first", "a.yaml:2:1: second", "other.yaml:1:1: elsewhere"));
    EXPECT_EQ(place_in("a.yaml", "a.yaml:12:3: x"), (Position{12, 3}));
    EXPECT_EQ(place_in("a.yaml", "a.yaml:12: x"), std::nullopt);
    EXPECT_EQ(place_in("a.yaml", "b.yaml:12:3: x"), std::nullopt);
    EXPECT_EQ(place_in("a.yaml", "a.yaml: x"), std::nullopt);
}

TEST(SectionDeath, ReadingAFieldAsWhatItIsNotAborts) {
    const Section section = load_defaults(schema());
    EXPECT_DEATH(section.integer("level"), "read as what it is not");
    EXPECT_DEATH(section.text("undeclared"), "read as what it is not");
}

}  // namespace
}  // namespace junctor::config
