#include "core/config/schema_json.hpp"

#include <nlohmann/json.hpp>

namespace junctor::config {

namespace {

using Json = nlohmann::ordered_json;

Json object(const std::vector<const Field*>& fields, const std::string& type);

/// A number may also come out of a variable.
Json or_variable(Json schema) { return {{"anyOf", {std::move(schema), {{"type", "string"}, {"pattern", "\\$\\{"}}}}}; }

Json integer(const Field& field) {
    Json schema{{"type", "integer"}, {"minimum", field.min}};
    if (field.max != INT64_MAX) schema["maximum"] = field.max;
    return or_variable(std::move(schema));
}

Json secret() {
    const Json from_file{
        {"type", "object"}, {"properties", {{"file", {{"type", "string"}}}}}, {"required", {"file"}}, {"additionalProperties", false}};
    return {{"anyOf", {{{"type", "string"}}, from_file}}};
}

std::vector<const Field*> pointers(const std::vector<Field>& fields, const std::vector<Field>& more = {}) {
    std::vector<const Field*> all;
    for (const Field& field : fields) all.push_back(&field);
    for (const Field& field : more) all.push_back(&field);
    return all;
}

Json section(const Field& field) {
    if (field.variants.empty()) return object(pointers(field.fields), {});
    Json shapes = Json::array();
    for (const Variant& variant : field.variants) {
        Json shape = object(pointers(variant.fields, field.fields), variant.name);
        shape["description"] = variant.doc;
        shapes.push_back(std::move(shape));
    }
    return {{"oneOf", std::move(shapes)}};
}

Json value(const Field& field) {
    switch (field.type) {
        case Type::boolean: return or_variable({{"type", "boolean"}});
        case Type::integer: return integer(field);
        case Type::size: return {{"type", {"integer", "string"}}};
        case Type::choice: return or_variable({{"enum", field.choices}});
        case Type::secret: return secret();
        case Type::text_list: return {{"type", "array"}, {"items", {{"type", "string"}}}};
        case Type::section: return section(field);
        case Type::section_list: return {{"type", "array"}, {"items", section(field)}};
        default: return {{"type", "string"}};
    }
}

Json described(const Field& field) {
    Json schema = value(field);
    schema["description"] = field.doc;
    if (field.fallback && field.type != Type::section_list) schema["default"] = *field.fallback;
    return schema;
}

Json object(const std::vector<const Field*>& fields, const std::string& type) {
    Json properties = Json::object();
    Json required = Json::array();
    if (!type.empty()) {
        properties["type"] = {{"const", type}};
        required.push_back("type");
    }
    for (const Field* field : fields) {
        properties[field->name] = described(*field);
        if (field->required) required.push_back(field->name);
    }
    Json schema{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
    if (!required.empty()) schema["required"] = std::move(required);
    return schema;
}

}  // namespace

std::string schema_json(const Schema& schema, const std::string& title) {
    Json root{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", title}};
    root.update(object(pointers(schema), {}));
    return root.dump(2) + "\n";
}

}  // namespace junctor::config
