// The arrows of the house, read from the include lines: connectors -> core, policy -> core, gateway -> all.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <regex>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Include {
    std::string file;    ///< relative to the source tree
    std::string target;  ///< as written
    bool system;         ///< in angle brackets
};

std::vector<Include> read_includes(const std::string& folder) {
    static const std::regex line_form(R"(^\s*#\s*include\s*(["<])([^">]+)[">])");
    std::vector<Include> found;
    const fs::path root = JUNCTOR_SOURCE_DIR;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
        const std::string extension = entry.path().extension();
        if (extension != ".cpp" && extension != ".hpp") continue;
        std::ifstream file(entry.path());
        for (std::string line; std::getline(file, line);)
            if (std::smatch match; std::regex_search(line, match, line_form))
                found.push_back({fs::relative(entry.path(), root), match[2], match[1] == "<"});
    }
    return found;
}

bool starts_with(const std::string& text, const std::string& start) { return text.rfind(start, 0) == 0; }

std::string folder_of(const std::string& path, int depth) {
    std::size_t at = 0;
    for (int i = 0; i < depth && at != std::string::npos; ++i) at = path.find('/', at + (i > 0));
    return path.substr(0, at);
}

void expect_none(const std::vector<Include>& includes, const std::string& rule, const std::function<bool(const Include&)>& broken) {
    ASSERT_FALSE(includes.empty()) << "nothing was read: the rule would hold by accident";
    for (const Include& include : includes) EXPECT_FALSE(broken(include)) << include.file << " includes " << include.target << ": " << rule;
}

TEST(Architecture, CoreIncludesNothingAboveIt) {
    expect_none(read_includes("core"), "core/ includes only core/",
                [](const Include& i) { return !i.system && !starts_with(i.target, "core/"); });
}

TEST(Architecture, BaseIncludesOnlyBase) {
    expect_none(read_includes("core/base"), "core/base includes only core/base",
                [](const Include& i) { return !i.system && !starts_with(i.target, "core/base/"); });
}

TEST(Architecture, ModelIncludesOnlyBaseAndModel) {
    expect_none(read_includes("core/model"), "values know no seam", [](const Include& i) {
        return !i.system && !starts_with(i.target, "core/base/") && !starts_with(i.target, "core/model/");
    });
}

TEST(Architecture, ConnectorsIncludeCoreThemselvesAndForeignCodecs) {
    expect_none(read_includes("connectors"), "a connector includes core/, its own folder and codecs of others", [](const Include& i) {
        if (i.system || starts_with(i.target, "core/")) return false;
        const bool own = folder_of(i.target, 2) == folder_of(i.file, 2);
        const bool codec = starts_with(i.target, "connectors/") && i.target.find("/codec") != std::string::npos;
        return !own && !codec;
    });
}

TEST(Architecture, OnlyPolicyAndGatewayReachTheRouter) {
    expect_none(read_includes("connectors"), "the Gate is the only door", [](const Include& i) { return starts_with(i.target, "core/routing/"); });
}

TEST(Architecture, PolicyIncludesCoreAndItself) {
    expect_none(read_includes("policy"), "policy -> core", [](const Include& i) {
        return !i.system && !starts_with(i.target, "core/") && !starts_with(i.target, "policy/");
    });
}

TEST(Architecture, OnlyWebIncludesBeast) {
    for (const std::string folder : {"core", "connectors", "policy", "gateway"})
        expect_none(read_includes(folder), "HTTP is core/web's", [](const Include& i) {
            return starts_with(i.target, "boost/beast") && !starts_with(i.file, "core/web/");
        });
}

TEST(Architecture, OnlyTheStoreIncludesRocksDb) {
    for (const std::string folder : {"core", "connectors", "policy", "gateway"})
        expect_none(read_includes(folder), "the database is core/store's", [](const Include& i) {
            return starts_with(i.target, "rocksdb/") && !starts_with(i.file, "core/store/rocksdb_");
        });
}

TEST(Architecture, OnlyTheLogIncludesSpdlog) {
    for (const std::string folder : {"core", "connectors", "policy", "gateway"})
        expect_none(read_includes(folder), "its headers are heavy, and the log is ours to the rest", [](const Include& i) {
            return starts_with(i.target, "spdlog/") && i.file != "core/observe/log.cpp";
        });
}

TEST(Architecture, OnlyRuntimeAndWebIncludeAsio) {
    for (const std::string folder : {"core", "connectors", "policy", "gateway"})
        expect_none(read_includes(folder), "sockets are the runtime's", [](const Include& i) {
            return starts_with(i.target, "boost/asio") && !starts_with(i.file, "core/web/") && !starts_with(i.file, "core/runtime/");
        });
}

TEST(Architecture, CoreNamesNoMessagingSystem) {
    const std::regex systems(R"(\b(mosquitto|zeromq|libzmq|rabbitmq|redis|vertx|xmpp|psyc)\b)", std::regex::icase);
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(JUNCTOR_SOURCE_DIR) / "core")) {
        if (entry.path().extension() != ".cpp" && entry.path().extension() != ".hpp") continue;
        std::ifstream file(entry.path());
        int number = 0;
        for (std::string line; std::getline(file, line);) {
            ++number;
            const std::string code = line.substr(0, line.find("//"));
            EXPECT_FALSE(std::regex_search(code, systems)) << entry.path() << ":" << number << ": " << line;
        }
    }
}

}  // namespace
