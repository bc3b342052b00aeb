#include "core/config/reference.hpp"

#include "core/config/type_name.hpp"

namespace junctor::config {

namespace {

constexpr std::string_view introduction =
    "YAML; JSON is a subset. Every key is optional unless it says *required*. An unknown key is an error.\n\n"
    "| type | how it is written |\n| --- | --- |\n"
    "| address | numeric host and port: `127.0.0.1:1883`, `[::1]:1883`, `0.0.0.0:1883`; `localhost` is 127.0.0.1 |\n"
    "| duration | `250ms`, `30s`, `5m`, `12h`, `7d` |\n"
    "| size | bytes: `512`, `64KiB`, `16MiB` |\n"
    "| file | a path; a relative one starts at the configuration file's folder |\n"
    "| secret | a text, or `{file: path}` to read it from a file |\n\n"
    "In every value `${NAME}` and `${NAME:-default}` stand for an environment variable; `$${` is a literal `${`.\n";

/// A `|` would end the cell.
std::string cell(const std::string& text) {
    std::string safe;
    for (const char letter : text) safe += letter == '|' ? std::string("\\|") : std::string(1, letter);
    return safe;
}

std::string default_of(const Field& field) {
    if (field.required) return "*required*";
    if (!field.fallback || is_section(field)) return "";
    return "`" + cell(*field.fallback) + "`";
}

void table(std::string& page, const std::vector<Field>& fields) {
    if (fields.empty()) return;
    page += "\n| key | type | default | meaning |\n| --- | --- | --- | --- |\n";
    for (const Field& field : fields)
        page += "| `" + field.name + "` | " + cell(type_name(field)) + " | " + default_of(field) + " | " + cell(field.doc) + " |\n";
}

void heading(std::string& page, std::size_t depth, const std::string& path, const std::string& doc) {
    page += "\n" + std::string(depth, '#') + " `" + path + "`\n\n" + doc + "\n";
}

void sections(std::string& page, const std::vector<Field>& fields, const std::string& prefix, std::size_t depth);

void one_section(std::string& page, const Field& field, const std::string& prefix, std::size_t depth) {
    const std::string path = prefix + field.name + (field.type == Type::section_list ? "[]" : "");
    heading(page, depth, path, field.doc);
    table(page, field.fields);
    sections(page, field.fields, path + ".", depth + 1);
    for (const Variant& variant : field.variants) {
        heading(page, depth + 1, path + " type: " + variant.name, variant.doc);
        table(page, variant.fields);
        sections(page, variant.fields, path + ".", depth + 2);
    }
}

void sections(std::string& page, const std::vector<Field>& fields, const std::string& prefix, std::size_t depth) {
    for (const Field& field : fields)
        if (is_section(field)) one_section(page, field, prefix, depth);
}

}  // namespace

std::string reference_page(const Schema& schema, const std::string& title) {
    std::string page = "# " + title + "\n\n" + std::string(introduction);
    table(page, schema);
    sections(page, schema, "", 2);
    return page;
}

}  // namespace junctor::config
