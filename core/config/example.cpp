#include "core/config/example.hpp"

#include "core/config/document.hpp"
#include "core/config/type_name.hpp"

namespace junctor::config {

namespace {

/// Whether a scalar means itself without quotes.
bool plain(const std::string& text) { return !text.empty() && text.find_first_of(":[]{},#&*!|>'\"%@`") == std::string::npos; }

/// On one line, as YAML flow style.
std::string flow(const Node& node) {
    std::string text;
    switch (node.kind) {
        case Node::Kind::nothing:
        case Node::Kind::reported: return "null";
        case Node::Kind::scalar: return plain(node.text) ? node.text : '"' + node.text + '"';
        case Node::Kind::list:
            for (const Node& item : node.items) text += (text.empty() ? "" : ", ") + flow(item);
            return "[" + text + "]";
        case Node::Kind::map:
            for (std::size_t i = 0; i < node.items.size(); ++i)
                text += (text.empty() ? "" : ", ") + node.keys[i].text + ": " + flow(node.items[i]);
            return "{" + text + "}";
    }
    return text;
}

class Writer {
public:
    explicit Writer(const std::string& title) {
        text_ = "# " + title +
                "\n#\n"
                "# A line like '#key: value' shows a default: remove the '#' to change it. Values may hold ${NAME} or\n"
                "# ${NAME:-default} from the environment. 'junctor check FILE' tells every error at once.\n";
    }

    void fields(const std::vector<Field>& fields) {
        for (const Field& field : fields) {
            text_ += '\n';
            comment(field.doc);
            if (field.type == Type::section_list)
                list(field);
            else if (field.type == Type::section)
                section(field);
            else
                scalar(field);
        }
    }

    std::string take() { return std::move(text_); }

private:
    void comment(const std::string& sentence) { text_ += "# " + sentence + "\n"; }

    static std::string value_of(const Field& field) {
        return !field.example.empty() ? field.example : field.fallback.value_or("<" + type_name(field) + ">");
    }

    void scalar(const Field& field) { text_ += "#" + field.name + ": " + value_of(field) + "\n"; }

    /// A section without any value is an error, so its name is commented out with the rest.
    void section(const Field& field) {
        for (const Field& inner : field.fields)
            if (!inner.variants.empty()) {
                comment("  " + inner.name + ": " + inner.doc);
                variants(inner, "    ");
            }
        text_ += "#" + field.name + ":" + (field.example.empty() ? "" : " " + field.example) + "\n";
        if (!field.example.empty()) return;
        for (const Field& inner : field.fields) {
            const std::string line = "#  " + inner.name + ": " + value_of(inner);
            text_ += line + std::string(line.size() < comment_column ? comment_column - line.size() : 1, ' ') + "# " + inner.doc + "\n";
        }
    }

    void variants(const Field& field, const std::string& indent) {
        for (const Variant& variant : field.variants) {
            comment(indent + variant.name + ": " + variant.doc);
            for (const Field& inner : variant.fields) comment(indent + "  " + inner.name + " (" + type_name(inner) + "): " + inner.doc);
        }
        if (!field.fields.empty()) comment(indent + "every type:");
        for (const Field& inner : field.fields) comment(indent + "  " + inner.name + " (" + type_name(inner) + "): " + inner.doc);
    }

    void list(const Field& field) {
        variants(field, "  ");
        Problems none("default");
        const Node entries = parse_document(field.fallback.value_or("[]"), none).value_or(Node{});
        text_ += field.name + ":" + (entries.items.empty() ? " []\n" : "\n");
        for (const Node& entry : entries.items) text_ += "  - " + flow(entry) + "\n";
    }

    static constexpr std::size_t comment_column = 48;
    std::string text_;
};

}  // namespace

std::string example_document(const Schema& schema, const std::string& title) {
    Writer writer(title);
    writer.fields(schema);
    return writer.take();
}

}  // namespace junctor::config
