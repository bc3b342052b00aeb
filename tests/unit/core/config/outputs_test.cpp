#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "core/config/example.hpp"
#include "core/config/load.hpp"
#include "core/config/reference.hpp"
#include "core/config/schema_json.hpp"

namespace junctor::config {
namespace {

using testing::HasSubstr;

Schema schema() {
    return {
        {.name = "cores", .type = Type::integer, .doc = "How many.", .fallback = "2", .min = 1, .max = 64},
        {.name = "level", .type = Type::choice, .doc = "Level.", .fallback = "info", .choices = {"debug", "info"}},
        {.name = "limits",
         .type = Type::section,
         .doc = "Limits.",
         .fields = {{.name = "packet", .type = Type::size, .doc = "Largest packet.", .fallback = "8MiB"},
                    {.name = "wait", .type = Type::duration, .doc = "Longest wait.", .fallback = "10s"}}},
        {.name = "doors",
         .type = Type::section_list,
         .doc = "Doors.",
         .fallback = "[{type: wood, tree: \"oak:1\"}]",
         .fields = {{.name = "key", .type = Type::secret, .doc = "Opens it."}},
         .variants = {{"wood", "A wooden one.", {{.name = "tree", .type = Type::text, .doc = "Which tree.", .required = true}}}}},
    };
}

TEST(SchemaJson, SaysWhatValidationChecks) {
    const auto json = nlohmann::json::parse(schema_json(schema(), "test"));
    EXPECT_EQ(json["additionalProperties"], false);
    EXPECT_EQ(json["properties"]["cores"]["anyOf"][0]["maximum"], 64);
    EXPECT_EQ(json["properties"]["level"]["anyOf"][0]["enum"], (nlohmann::json{"debug", "info"}));
    EXPECT_EQ(json["properties"]["limits"]["properties"]["packet"]["default"], "8MiB");
    const auto& wood = json["properties"]["doors"]["items"]["oneOf"][0];
    EXPECT_EQ(wood["properties"]["type"]["const"], "wood");
    EXPECT_EQ(wood["required"], (nlohmann::json{"type", "tree"}));
    EXPECT_TRUE(wood["properties"].contains("key"));
}

TEST(Reference, HasARowPerField) {
    const std::string page = reference_page(schema(), "Configuration");
    EXPECT_THAT(page, HasSubstr("| `cores` | number | `2` | How many. |"));
    EXPECT_THAT(page, HasSubstr("| `level` | debug \\| info | `info` | Level. |"));
    EXPECT_THAT(page, HasSubstr("## `limits`"));
    EXPECT_THAT(page, HasSubstr("### `doors[] type: wood`"));
    EXPECT_THAT(page, HasSubstr("| `tree` | text | *required* | Which tree. |"));
}

TEST(Example, MeansTheDefaults) {
    const Section section = load_text(example_document(schema(), "test"), schema(), {"example", {}});
    EXPECT_EQ(section.integer("cores"), 2);
    ASSERT_EQ(section.sections("doors").size(), 1U);
    EXPECT_EQ(section.sections("doors")[0].text("tree"), "oak:1");
}

TEST(Example, IsStillValidWithEveryDefaultUncommented) {
    const std::regex commented("(^|\n)#((  )?[a-z_]+:)");
    const std::string document = std::regex_replace(example_document(schema(), "test"), commented, "$1$2");
    const Section section = load_text(document, schema(), {"example", {}});
    EXPECT_TRUE(section.has("limits"));
    EXPECT_EQ(section.section("limits").duration("wait"), std::chrono::seconds(10));
}

}  // namespace
}  // namespace junctor::config
