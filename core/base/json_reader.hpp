#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/json_errc.hpp"

namespace junctor {

/// What a document may cost before anything is built from it. Nesting beyond `deepest_nesting` is never taken.
struct JsonLimits {
    static constexpr std::uint32_t deepest_nesting = 1'024;

    std::uint32_t nesting = 64;
    std::size_t bytes = 1 << 20;
    std::size_t values = 100'000;
};

/// One value as it is written in a checked document, without white space around it. A view of the document.
struct JsonValue {
    enum class Type : std::uint8_t { null, boolean, number, string, array, object };

    Type type = Type::null;
    std::string_view text;  ///< a string's with its quotes and escapes

    bool is_true() const noexcept { return text == "true"; }
    /// A string's characters, where nothing in it is escaped.
    bool plain() const noexcept { return text.find('\\') == std::string_view::npos; }
    std::string_view bare() const noexcept { return text.substr(1, text.size() - 2); }
};

/// The outcome of checking a document: its one value, or what is wrong and at which byte.
struct JsonDocument {
    JsonErrc error = JsonErrc::ok;
    std::size_t error_at = 0;
    JsonValue root;
};

/// Checks a whole document against RFC 8259 and the limits, in one pass that allocates nothing and does not recurse.
JsonDocument read_json(std::string_view text, const JsonLimits& limits) noexcept;

/// Walks the members or elements of an object or array that `read_json` has checked. Duplicate names come as they stand.
class JsonCursor {
public:
    explicit JsonCursor(const JsonValue& container) noexcept;

    /// The next element of an array; false behind the last.
    bool next(JsonValue& element) noexcept;
    /// The next member of an object; false behind the last.
    bool next(JsonValue& name, JsonValue& value) noexcept;

private:
    bool at_value() noexcept;
    JsonValue take() noexcept;

    std::string_view rest_;
};

/// Appends the characters of a checked string value as UTF-8. Never longer than the value's text.
void append_decoded(ByteBuffer& to, const JsonValue& string);

}  // namespace junctor
