#include "core/config/values.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "core/config/file_text.hpp"
#include "core/config/nearest_name.hpp"
#include "core/config/units.hpp"
#include "core/ports/host.hpp"

namespace junctor::config {

namespace {

using Value = SectionBuilder::Value;
using Converted = std::optional<Value>;

constexpr std::size_t longest_secret = 64 << 10;

Converted wrong(const Field& field, const Node& node, const Context& context, const std::string& sentence) {
    context.problems.add(node.at, "'" + field.name + "' " + sentence);
    return std::nullopt;
}

Value number(std::int64_t value) {
    Value result;
    result.number = value;
    return result;
}

Value text(std::string value) {
    Value result;
    result.text = std::move(value);
    return result;
}

std::string range(const Field& field, std::string (*spelling)(std::int64_t)) {
    if (field.max == INT64_MAX) return "at least " + spelling(field.min);
    return "from " + spelling(field.min) + " to " + spelling(field.max);
}

std::string plain(std::int64_t value) { return std::to_string(value); }

Converted boolean(const Field& field, const Node& node, const Context& context, const std::string& written) {
    if (written == "true" || written == "false") return number(written == "true" ? 1 : 0);
    return wrong(field, node, context, "is true or false, not " + in_quotes(written));
}

Converted integer(const Field& field, const Node& node, const Context& context, const std::string& written) {
    std::int64_t value = 0;
    const char* const end = written.data() + written.size();
    const auto [rest, error] = std::from_chars(written.data(), end, value);
    if (error == std::errc{} && rest == end && value >= field.min && value <= field.max) return number(value);
    return wrong(field, node, context, "is a whole number " + range(field, plain) + ", not " + in_quotes(written));
}

Converted size(const Field& field, const Node& node, const Context& context, const std::string& written) {
    const auto value = parse_size(written);
    if (value && *value >= field.min && *value <= field.max) return number(*value);
    return wrong(field, node, context, "is a size like 64KiB or 16MiB, " + range(field, size_text) + ", not " + in_quotes(written));
}

Converted duration(const Field& field, const Node& node, const Context& context, const std::string& written) {
    const auto value = parse_duration(written);
    if (value && value->count() >= field.min && value->count() <= field.max) return number(value->count());
    return wrong(field, node, context, "is a time like 250ms, 30s or 5m, not " + in_quotes(written));
}

Converted address(const Field& field, const Node& node, const Context& context, const std::string& written) {
    const auto parsed = Address::parse(written);
    const std::string obstacle = parsed ? parsed->obstacle() : std::string();
    if (!obstacle.empty()) return wrong(field, node, context, "cannot be " + in_quotes(written) + ", which " + obstacle);
    if (parsed) return text(parsed->text());
    return wrong(field, node, context, "is a numeric address and a port like 127.0.0.1:1883 or [::]:1883, not " + in_quotes(written));
}

Converted path(const Field& field, const Node& node, const Context& context, const std::string& written) {
    const std::filesystem::path whole = context.directory / written;
    if (access(whole.c_str(), R_OK) == 0) return text(whole.string());
    return wrong(field, node, context, "names " + in_quotes(whole.string()) + ", which cannot be read: " + std::strerror(errno));
}

/// It need not be there yet.
Converted directory(const Field& field, const Node& node, const Context& context, const std::string& written) {
    const std::filesystem::path whole = context.directory / written;
    std::error_code none;
    if (written.empty()) return wrong(field, node, context, "is empty");
    if (!std::filesystem::exists(whole, none) || std::filesystem::is_directory(whole, none)) return text(whole.string());
    return wrong(field, node, context, "names " + in_quotes(whole.string()) + ", which is no directory");
}

Converted choice(const Field& field, const Node& node, const Context& context, const std::string& written) {
    if (std::find(field.choices.begin(), field.choices.end(), written) != field.choices.end()) return text(written);
    return wrong(field, node, context, "cannot be " + in_quotes(written) + suggestion(written, field.choices));
}

/// Written plainly, or `{file: path}`: then the file's content without its final line end.
Converted secret(const Field& field, const Node& node, const Context& context) {
    if (node.kind == Node::Kind::scalar) {
        Substituted written = substitute(node.text, context.environment);
        // The sentence of the substitution would show a part of the secret.
        if (!written.problem.empty())
            return wrong(field, node, context, "holds a '${' that names no set variable; for a literal one write '$${'");
        return written.text.empty() ? wrong(field, node, context, "is empty") : text(std::move(written.text));
    }
    const Node* const name = node.find("file");
    if (name != nullptr && name->kind == Node::Kind::reported) return std::nullopt;
    if (name == nullptr || node.keys.size() != 1 || name->kind != Node::Kind::scalar)
        return wrong(field, node, context, "is a text or {file: path}");
    const Substituted written = substitute(name->text, context.environment);
    if (!written.problem.empty()) return wrong(field, *name, context, "cannot be read: " + written.problem);
    const std::filesystem::path path = context.directory / written.text;
    FileText file = read_file(path, longest_secret);
    if (!file.problem.empty()) return wrong(field, *name, context, "names a file that " + file.problem);
    without_line_end(file.text);
    if (file.text.empty()) return wrong(field, *name, context, "names a file that is empty");
    Converted value = text(std::move(file.text));
    value->file = std::filesystem::absolute(path);
    return value;
}

/// A single value with its variables put in. `otherwise` is said of what is none.
std::optional<std::string> scalar_text(const Field& field, const Node& node, const Context& context, const char* otherwise) {
    if (node.kind == Node::Kind::reported) return std::nullopt;
    std::string trouble;
    Substituted written = node.kind == Node::Kind::scalar && !field.verbatim ? substitute(node.text, context.environment) : Substituted{node.text, {}};
    if (node.kind != Node::Kind::scalar) trouble = otherwise;
    if (!written.problem.empty()) trouble = "cannot be read: " + written.problem;
    if (trouble.empty()) return std::move(written.text);
    wrong(field, node, context, trouble);
    return std::nullopt;
}

Converted text_list(const Field& field, const Node& node, const Context& context) {
    if (node.kind != Node::Kind::list) return wrong(field, node, context, "is a list like [a, b]");
    Value value;
    bool good = true;
    for (const Node& item : node.items) {
        if (auto text = scalar_text(field, item, context, "holds only texts"))
            value.texts.push_back(std::move(*text));
        else
            good = false;
    }
    return good ? Converted(std::move(value)) : std::nullopt;
}

Converted scalar(const Field& field, const Node& node, const Context& context) {
    std::optional<std::string> written = scalar_text(field, node, context, "is a single value, not a list or section");
    if (!written) return std::nullopt;
    switch (field.type) {
        case Type::boolean: return boolean(field, node, context, *written);
        case Type::integer: return integer(field, node, context, *written);
        case Type::size: return size(field, node, context, *written);
        case Type::duration: return duration(field, node, context, *written);
        case Type::address: return address(field, node, context, *written);
        case Type::path: return path(field, node, context, *written);
        case Type::directory: return directory(field, node, context, *written);
        case Type::choice: return choice(field, node, context, *written);
        default: return text(std::move(*written));
    }
}

}  // namespace

std::string in_quotes(std::string_view text) {
    constexpr std::size_t longest_shown = 80;
    if (text.size() <= longest_shown) return "'" + std::string(text) + "'";
    return "'" + std::string(text.substr(0, longest_shown)) + "...'";
}

std::optional<SectionBuilder::Value> convert(const Field& field, const Node& node, const Context& context) {
    if (node.kind == Node::Kind::reported) return std::nullopt;
    if (node.kind == Node::Kind::nothing) return wrong(field, node, context, "has no value; give it one or remove the line");
    Converted value = field.type == Type::secret      ? secret(field, node, context)
                      : field.type == Type::text_list ? text_list(field, node, context)
                                                      : scalar(field, node, context);
    if (value) {
        value->type = field.type;
        value->where = where(context.problems.source(), node.at);
    }
    return value;
}

}  // namespace junctor::config
