#include "core/config/type_name.hpp"

namespace junctor::config {

namespace {

std::string joined(const std::vector<std::string>& choices) {
    std::string text;
    for (const std::string& choice : choices) text += (text.empty() ? "" : " | ") + choice;
    return text;
}

}  // namespace

std::string type_name(const Field& field) {
    switch (field.type) {
        case Type::boolean: return "true | false";
        case Type::integer: return "number";
        case Type::text: return "text";
        case Type::size: return "size";
        case Type::duration: return "duration";
        case Type::address: return "address";
        case Type::path: return "file";
        case Type::directory: return "directory";
        case Type::secret: return "secret";
        case Type::choice: return joined(field.choices);
        case Type::text_list: return "list of texts";
        case Type::section: return "section";
        case Type::section_list: return "list of sections";
    }
    return {};
}

bool is_section(const Field& field) { return field.type == Type::section || field.type == Type::section_list; }

}  // namespace junctor::config
