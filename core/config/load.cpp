#include "core/config/load.hpp"

#include "core/config/document.hpp"
#include "core/config/file_text.hpp"
#include "core/config/validation.hpp"

namespace junctor::config {

Section load_text(std::string_view text, const Schema& schema, const Source& source) {
    Problems problems(source.name);
    const Node root = parse_document(text, problems);
    if (problems.empty() && root.kind == Node::Kind::nothing)
        problems.add({1, 1}, "the configuration is empty; 'junctor init' prints one to start from");
    if (!problems.empty()) throw ConfigError(problems.lines());
    Section section = validate(root, schema, {problems, source.directory, source.environment});
    if (!problems.empty()) throw ConfigError(problems.lines());
    return section;
}

Section load_file(const std::string& path, const Schema& schema) {
    const FileText file = read_file(path, max_document_bytes);
    if (!file.problem.empty()) throw ConfigError({path + ": " + file.problem});
    return load_text(file.text, schema, {path, std::filesystem::path(path).parent_path()});
}

Section load_defaults(const Schema& schema) { return load_text("{}", schema, {"defaults", {}}); }

}  // namespace junctor::config
