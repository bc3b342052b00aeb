#include "core/config/validation.hpp"

#include <algorithm>
#include <functional>
#include <set>

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
        std::vector<const Field*> known;
        for (const Field& field : fields) known.push_back(&field);
        if (map.kind != Node::Kind::map) {
            if (map.kind != Node::Kind::reported) context_.problems.add(map.at, "a section with 'key: value' lines must stand here");
            if (!variants.empty()) unread(type_of(variants), map.at, builder);
            for (const Field* field : known) unread(*field, map.at, builder);
            builder.spoil();
            return builder.take();
        }
        Names meant;
        if (variants.empty() || choose(map, fields, variants, known, builder)) meant = refuse_unknown(map, known, !variants.empty(), builder);
        for (const Field* field : known) fill(map, *field, meant.contains(field->name), builder);
        return builder.take();
    }

private:
    using Names = std::set<std::string, std::less<>>;

    static Field type_of(const std::vector<Variant>& variants) { return {.name = "type", .type = Type::choice, .choices = names_of(variants)}; }

    /// Without a type that is known, only what all have in common can be read.
    bool choose(const Node& map, const std::vector<Field>& common, const std::vector<Variant>& variants, std::vector<const Field*>& known,
                SectionBuilder& builder) {
        const Field declared = type_of(variants);
        const Node* const type = map.find("type");
        if (type == nullptr) {
            report_no_type(map, common, variants);
        } else if (auto value = convert(declared, *type, context_)) {
            for (const Variant& variant : variants)
                if (variant.name == value->text)
                    for (const Field& field : variant.fields) known.push_back(&field);
            value->sound = !is_twice(map, "type");
            builder.set("type", std::move(*value));
            return true;
        }
        unread(declared, map.at, builder);
        return false;
    }

    void report_no_type(const Node& map, const std::vector<Field>& common, const std::vector<Variant>& variants) {
        Names others;
        for (const Field& field : common) others.insert(field.name);
        for (const Variant& variant : variants)
            for (const Field& field : variant.fields) others.insert(field.name);
        for (const Node& key : map.keys)
            if (!others.contains(key.text) && nearest_name(key.text, {"type"}))
                return context_.problems.add(key.at, "unknown key " + in_quotes(key.text) + suggestion(key.text, {"type"}));
        context_.problems.add(map.at, "'type' is missing" + suggestion("", names_of(variants)));
    }

    /// Answers the fields that may have been meant by keys that are none.
    Names refuse_unknown(const Node& map, const std::vector<const Field*>& known, bool with_type, SectionBuilder& builder) {
        const std::vector<std::string> names = names_of(known, with_type);
        Names meant;
        for (std::size_t i = 0; i < map.keys.size(); ++i) {
            const Node& key = map.keys[i];
            if (std::find(names.begin(), names.end(), key.text) != names.end()) continue;
            builder.spoil();
            if (auto near = nearest_name(key.text, names)) meant.insert(std::move(*near));
            const bool reported = map.items[i].kind == Node::Kind::reported || map.find(key.text) != &map.items[i];
            if (!reported) context_.problems.add(key.at, "unknown key " + in_quotes(key.text) + suggestion(key.text, names));
        }
        return meant;
    }

    static bool is_twice(const Node& map, std::string_view name) {
        return std::count_if(map.keys.begin(), map.keys.end(), [&](const Node& key) { return key.text == name; }) > 1;
    }

    void fill(const Node& map, const Field& field, bool meant, SectionBuilder& builder) {
        const Node* const written = map.find(field.name);
        if (written != nullptr) {
            present(*written, field, builder, !is_twice(map, field.name));
        } else if (meant) {
            unread(field, map.at, builder);
        } else if (field.required) {
            context_.problems.add(map.at, "'" + field.name + "' is missing: " + field.doc);
            unread(field, map.at, builder);
        } else {
            absent(field, map.at, builder);
        }
    }

    void present(const Node& node, const Field& field, SectionBuilder& builder, bool sound) {
        if (is_section(field) && node.kind != Node::Kind::nothing) return builder.set(field.name, sections(node, field, sound));
        if (std::optional<Value> value = convert(field, node, context_)) {
            value->sound = sound;
            return builder.set(field.name, std::move(*value));
        }
        unread(field, node.at, builder);
    }

    Value sections(const Node& node, const Field& field, bool sound) {
        Value value;
        value.type = field.type;
        value.where = where(context_.problems.source(), node.at);
        value.sound = sound;
        if (field.type == Type::section) {
            value.sections.push_back(section(node, field.fields, field.variants));
        } else if (node.kind == Node::Kind::list) {
            for (const Node& item : node.items) value.sections.push_back(section(item, field.fields, field.variants));
        } else {
            value.sound = false;
            if (node.kind != Node::Kind::reported) context_.problems.add(node.at, "'" + field.name + "' is a list: its entries begin with '- '");
        }
        value.sound = value.sound && std::ranges::all_of(value.sections, [](const Section& each) { return each.sound(); });
        return value;
    }

    void absent(const Field& field, Position at, SectionBuilder& builder) {
        if (field.fallback) {
            present(default_of(field, at), field, builder, true);
        } else if (is_section(field)) {
            builder.set(field.name, nothing(field, at));
        }
    }

    /// What was to be there has been reported: in its place stands the default, which nothing is to be concluded from.
    void unread(const Field& field, Position at, SectionBuilder& builder) {
        Value value = nothing(field, at, false);
        if (field.fallback && !is_section(field))
            if (std::optional<Value> standard = convert(field, default_of(field, at), context_)) value = std::move(*standard);
        value.sound = false;
        builder.set(field.name, std::move(value));
    }

    /// A section that is not written, or could not be read: then nothing in it is sound. What it requires stays without a value.
    Value nothing(const Field& field, Position at, bool sound = true) {
        Value value;
        value.type = field.type;
        value.present = false;
        if (field.type != Type::section) return value;
        SectionBuilder builder(where(context_.problems.source(), at));
        for (const Field& each : field.fields) {
            if (!sound)
                unread(each, at, builder);
            else if (!each.required)
                absent(each, at, builder);
        }
        value.sections.push_back(builder.take());
        return value;
    }

    Node default_of(const Field& field, Position at) {
        Node node = parse_document(*field.fallback, context_.problems).value_or(Node{});
        place(node, at);
        return node;
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
