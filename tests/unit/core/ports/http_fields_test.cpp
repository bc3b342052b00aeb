#include "core/ports/http_fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/setup_error.hpp"
#include "core/config/load.hpp"

namespace junctor {
namespace {

using config::Type;
using testing::HasSubstr;
using testing::StartsWith;

/// What is said against `value` of the field `path` or `origins`; empty: nothing.
std::string said(const std::string& field, const std::string& value) {
    const config::Schema schema{{.name = "path", .type = Type::text, .doc = "Path."},
                                {.name = "origins", .type = Type::text_list, .doc = "Origins.", .fallback = "[]"}};
    const std::string text = field + ": " + (field == "origins" ? "['" + value + "']" : "'" + value + "'");
    const config::Section section = config::load_text(text, schema, {"j.yaml", {}, {}});
    try {
        check_http_path(section);
        check_origins(section);
        return {};
    } catch (const SetupError& error) {
        return error.what();
    }
}

TEST(HttpFields, APathIsOneThatRequestsCanHave) {
    for (const char* path : {"/", "/ws", "/ws/", "/v1/api", "/a.b-c_d~e", "/caf%C3%A9", "/@x:y", "/mqtt/*"}) EXPECT_EQ(said("path", path), "") << path;
    for (const char* path : {"", "ws", "//ws", "/a//b", "/../ws", "/a/.", "/a b", "/a?b", "/a#b", "/%", "/%4", "/%zz", "/a\\b", "/caf\xc3\xa9"})
        EXPECT_THAT(said("path", path), StartsWith("j.yaml:1:7: '" + std::string(path) + "' is no path")) << path;
}

TEST(HttpFields, AnOriginIsOneThatBrowsersSend) {
    for (const char* origin : {"*", "null", "https://app.example", "http://app.example:8080", "HTTPS://App.Example", "http://[::1]:3000", "http://127.0.0.1",
                               "capacitor://localhost", "http://app.example:443"})
        EXPECT_EQ(said("origins", origin), "") << origin;
    for (const char* origin : {"", "app.example", "https://", "https://app.example/", "https://app.example/page", "https://*.example", "https://u@app.example",
                               "https://app.example:443", "http://app.example:80", "https://a.example, https://b.example", "://app.example"})
        EXPECT_THAT(said("origins", origin), HasSubstr("' is no origin as browsers send it: write https://app.example")) << origin;
}

}  // namespace
}  // namespace junctor
