#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"

namespace junctor::config {

enum class Type : std::uint8_t { boolean, integer, text, duration, size, address, path, directory, secret, choice, text_list, section, section_list };

struct Field;

/// One of several shapes that a section can take; its key `type` chooses which.
struct Variant {
    std::string name;  ///< the value of `type`
    std::string doc;   ///< one sentence
    std::vector<Field> fields;
};

/// One declaration per field: it gives the default, the validation, the JSON Schema and a row of the reference page.
struct Field {
    std::string name;
    Type type = Type::text;
    std::string doc{};                      ///< one sentence: what it does, with units
    std::optional<std::string> fallback{};  ///< as one would write it in YAML; none and not required: absent
    std::string example{};                  ///< how one would write it, where the fallback does not show that
    bool required = false;
    std::vector<std::string> choices{};  ///< Type::choice
    bool verbatim = false;               ///< text, text_list: `${...}` is its own, not an environment variable
    std::int64_t min = 0;                ///< integer, size
    std::int64_t max = INT64_MAX;
    std::vector<Field> fields{};      ///< section, section_list
    std::vector<Variant> variants{};  ///< section, section_list: `type` is required and adds the fields of its variant
};

using Schema = std::vector<Field>;

/// A section of the configuration that has been validated against its schema: every value is there or has its default.
/// In a document with problems a value that was reported reads as its default, or as nothing, and is not `sound`. Getters for a field that the schema does not declare, or of another type, abort: that is our own fault.
class Section {
public:
    /// Whether the field has a value, written or by default. A section that is not written is not there, but can be read: all defaults.
    bool has(std::string_view name) const noexcept;
    bool boolean(std::string_view name) const;
    std::int64_t integer(std::string_view name) const;
    std::size_t size(std::string_view name) const;  ///< bytes
    Duration duration(std::string_view name) const;
    const std::string& text(std::string_view name) const;  ///< text, address, path, secret (already read from its file), choice, `type`
    /// Where a secret was read from, an absolute path; empty: it is written in the configuration.
    const std::string& file(std::string_view name) const;
    const std::vector<std::string>& texts(std::string_view name) const;
    const Section& section(std::string_view name) const;
    const std::vector<Section>& sections(std::string_view name) const;

    /// Whether both say the same, wherever it stands; the fields `except` may differ, or be there in one alone.
    bool same_values(const Section& other, std::initializer_list<std::string_view> except = {}) const;

    /// Whether everything here, and in the sections within, means what is written. What is not sound has been reported: nothing that is
    /// concluded from it may be.
    bool sound() const noexcept { return sound_; }
    /// The same of one field. One that is not written is sound, unless an unknown key may have been meant for it.
    bool sound(std::string_view name) const noexcept;

    /// A value and where it stands.
    struct Placed {
        std::string text;
        std::string where;
    };
    /// The sound texts of one type, here and in single sections within.
    std::vector<Placed> texts_of(Type type) const;

    /// `file:line:column` of a field, or of the section where it is absent: for errors found later than validation.
    std::string where(std::string_view name = {}) const;

private:
    friend class SectionBuilder;
    struct Value {
        std::string text;
        Type type = Type::text;
        bool present = true;
        bool sound = true;
        std::int64_t number = 0;
        std::vector<std::string> texts;
        std::vector<Section> sections;
        std::string where;
        std::string file;  ///< a secret's

        bool same(const Value& other) const;
    };
    const Value& value(std::string_view name, std::initializer_list<Type> types) const;

    std::map<std::string, Value, std::less<>> values_;
    std::string where_;
    bool sound_ = true;
};

}  // namespace junctor::config
