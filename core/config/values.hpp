#pragma once

#include <optional>

#include "core/config/section_builder.hpp"
#include "core/config/validation.hpp"

namespace junctor::config {

/// Converts the value of a field that is no section. nullopt: it is not valid, and the problem has been added.
std::optional<SectionBuilder::Value> convert(const Field& field, const Node& node, const Context& context);

/// `text` between quotes as messages show it: cut when long.
std::string in_quotes(std::string_view text);

}  // namespace junctor::config
