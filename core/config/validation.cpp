#include "core/config/validation.hpp"

#include <algorithm>

#include "core/config/document.hpp"
#include "core/config/nearest_name.hpp"
#include "core/config/section_builder.hpp"
#include "core/config/type_name.hpp"
#include "core/config/values.hpp"

namespace junctor::config {

namespace {

using Value = SectionBuilder::Value;

std::vector<std::string> names_of(const std::vector<const Field*>& fields, bool with_type) {
    std::vector<std::string> names;
    if (with_type) names.emplace_back("type");
    for (const Field* field : fields) names.push_back(field->name);
    return names;
}

std::vector<std::string> names_of(const std::vector<Variant>& variants) {
    std::vector<std::string> names;
    for (const Variant& variant : variants) names.push_back(variant.name);
    return names;
}

class Validator {
public:
    explicit Validator(const Context& context) : context_(context) {}

    Section section(const Node& map, const std::vector<Field>& fields, const std::vector<Variant>& variants) {
        SectionBuilder builder(where(context_.problems.source(), map.at));
        if (map.kind != Node::Kind::map) {
            context_.problems.add(map.at, "a section with 'key: value' lines must stand here");
            return builder.take();
        }
        std::vector<const Field*> known;
        for (const Field& field : fields) known.push_back(&field);
        if (!variants.empty() && !choose(map, variants, known, builder)) return builder.take();
        refuse_unknown(map, known, !variants.empty());
        for (const Field* field : known) fill(map, *field, builder);
        return builder.take();
    }

    /// A section that is not written. What it requires stays without a value.
    Section defaults(const std::vector<Field>& fields, Position at) {
        SectionBuilder builder(where(context_.problems.source(), at));
        for (const Field& field : fields)
            if (!field.required) absent(field, at, builder);
        return builder.take();
    }

private:
    bool choose(const Node& map, const std::vector<Variant>& variants, std::vector<const Field*>& known, SectionBuilder& builder) {
        const Node* const type = map.find("type");
        if (type == nullptr) {
            context_.problems.add(map.at, "'type' is missing" + suggestion("", names_of(variants)));
            return false;
        }
        const Field declared{.name = "type", .type = Type::choice, .choices = names_of(variants)};
        const auto value = convert(declared, *type, context_);
        if (!value) return false;
        builder.set("type", *value);
        for (const Variant& variant : variants)
            if (variant.name == value->text)
                for (const Field& field : variant.fields) known.push_back(&field);
        return true;
    }

    void refuse_unknown(const Node& map, const std::vector<const Field*>& known, bool with_type) {
        const std::vector<std::string> names = names_of(known, with_type);
        for (const Node& key : map.keys)
            if (std::find(names.begin(), names.end(), key.text) == names.end())
                context_.problems.add(key.at, "unknown key " + in_quotes(key.text) + suggestion(key.text, names));
    }

    void fill(const Node& map, const Field& field, SectionBuilder& builder) {
        const Node* const written = map.find(field.name);
        if (written != nullptr)
            present(*written, field, builder);
        else if (field.required)
            context_.problems.add(map.at, "'" + field.name + "' is missing: " + field.doc);
        else
            absent(field, map.at, builder);
    }

    void present(const Node& node, const Field& field, SectionBuilder& builder) {
        if (!is_section(field)) {
            if (auto value = convert(field, node, context_)) builder.set(field.name, std::move(*value));
        } else if (node.kind == Node::Kind::nothing) {
            context_.problems.add(node.at, "'" + field.name + "' has no value; give it one or remove the line");
        } else {
            builder.set(field.name, sections(node, field));
        }
    }

    Value sections(const Node& node, const Field& field) {
        Value value;
        value.type = field.type;
        value.where = where(context_.problems.source(), node.at);
        if (field.type == Type::section)
            value.sections.push_back(section(node, field.fields, field.variants));
        else if (node.kind != Node::Kind::list)
            context_.problems.add(node.at, "'" + field.name + "' is a list: its entries begin with '- '");
        else
            for (const Node& item : node.items) value.sections.push_back(section(item, field.fields, field.variants));
        return value;
    }

    void absent(const Field& field, Position at, SectionBuilder& builder) {
        if (field.fallback) {
            Node node = parse_document(*field.fallback, context_.problems);
            place(node, at);
            present(node, field, builder);
        } else if (is_section(field)) {
            Value value;
            value.type = field.type;
            value.present = false;
            if (field.type == Type::section) value.sections.push_back(defaults(field.fields, at));
            builder.set(field.name, std::move(value));
        }
    }

    /// What a default causes is reported where the document could have overridden it.
    static void place(Node& node, Position at) {
        node.at = at;
        for (Node& key : node.keys) place(key, at);
        for (Node& item : node.items) place(item, at);
    }

    const Context& context_;
};

}  // namespace

Section validate(const Node& map, const Schema& schema, const Context& context) { return Validator(context).section(map, schema, {}); }

}  // namespace junctor::config
