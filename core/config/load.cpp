#include "core/config/load.hpp"

#include <utility>

#include "core/config/document.hpp"
#include "core/config/file_text.hpp"
#include "core/config/validation.hpp"

namespace junctor::config {

namespace {

Section all_of(Reading reading) {
    if (!reading.problems.empty()) throw ConfigError(reading.problems.lines());
    return std::move(reading.root);
}

}  // namespace

Reading read_text(std::string_view text, const Schema& schema, const Source& source) {
    Problems problems(source.name);
    const std::optional<Node> root = parse_document(text, problems);
    if (root && root->kind == Node::Kind::nothing) problems.add({1, 1}, "the configuration is empty; 'junctor init' prints one to start from");
    if (!root || root->kind == Node::Kind::nothing) throw ConfigError(problems.lines());
    Section section = validate(*root, schema, {problems, source.directory, source.environment});
    if (root->kind != Node::Kind::map) throw ConfigError(problems.lines());
    return {std::move(section), std::move(problems)};
}

Reading read_document(const std::string& path, const Schema& schema) {
    const FileText file = read_file(path, max_document_bytes);
    if (!file.problem.empty()) throw ConfigError({path + ": " + file.problem});
    return read_text(file.text, schema, {path, std::filesystem::path(path).parent_path()});
}

Section load_text(std::string_view text, const Schema& schema, const Source& source) { return all_of(read_text(text, schema, source)); }

Section load_file(const std::string& path, const Schema& schema) { return all_of(read_document(path, schema)); }

Reading read_defaults(const Schema& schema) { return read_text("{}", schema, {"defaults", {}}); }

Section load_defaults(const Schema& schema) { return all_of(read_defaults(schema)); }

}  // namespace junctor::config
