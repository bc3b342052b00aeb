#include "core/config/substitution.hpp"

#include <gtest/gtest.h>

namespace junctor::config {
namespace {

Substituted expanded(std::string_view text) {
    return substitute(text, [](std::string_view name) -> std::optional<std::string> {
        if (name == "HOST") return "broker";
        if (name == "EMPTY") return "";
        if (name == "NESTED") return "${HOST}";
        return std::nullopt;
    });
}

TEST(Substitution, ReplacesVariables) {
    EXPECT_EQ(expanded("mqtt://${HOST}:${PORT:-1883}/").text, "mqtt://broker:1883/");
    EXPECT_EQ(expanded("${EMPTY:-x}${EMPTY}${NONE:-}").text, "x");
    EXPECT_EQ(expanded("$HOST $5 {HOST}").text, "$HOST $5 {HOST}");
    EXPECT_EQ(expanded("$${HOST}").text, "${HOST}");
}

TEST(Substitution, DoesNotExpandWhatAVariableHolds) { EXPECT_EQ(expanded("${NESTED}").text, "${HOST}"); }

TEST(Substitution, SaysWhatIsWrong) {
    EXPECT_EQ(expanded("${NONE}").problem, "the variable NONE is not set; set it or write ${NONE:-default}");
    for (const char* text : {"${", "${}", "${HOST", "${1X}", "${a b}", "${:-x}"}) EXPECT_FALSE(expanded(text).problem.empty()) << text;
}

}  // namespace
}  // namespace junctor::config
