#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace junctor {

/// The name of a certificate's subject or of a directory entry, read from its text (RFC 4514) so that no value can pass for the end of
/// another. Attribute types compare without case, values byte by byte, and the order counts.
class DistinguishedName {
public:
    struct Attribute {
        std::string type;  ///< as written, in upper case: `CN`, `2.5.4.3`
        std::string value;
        bool joined = false;  ///< with the one before it, by `+`

        friend bool operator==(const Attribute&, const Attribute&) = default;
    };

    /// nullopt: not of that form. The empty text is the empty name.
    static std::optional<DistinguishedName> parse(std::string_view text);
    /// A value as it is written inside of a name.
    static std::string escape(std::string_view value);

    const std::vector<Attribute>& attributes() const noexcept { return attributes_; }
    /// All values of a type, in order.
    std::vector<std::string> values(std::string_view type) const;

    friend bool operator==(const DistinguishedName&, const DistinguishedName&) = default;

private:
    std::vector<Attribute> attributes_;
};

}  // namespace junctor
