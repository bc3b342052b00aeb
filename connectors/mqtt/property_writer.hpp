#pragma once

#include "connectors/mqtt/property.hpp"

namespace junctor::mqtt {

/// Appends properties to a block that the caller owns. Text longer than 65,535 bytes is left out: no wire can carry it.
class PropertyWriter {
public:
    explicit PropertyWriter(ByteBuffer& block) noexcept : block_(block) {}

    /// For every integer type.
    PropertyWriter& number(PropertyId id, std::uint32_t value) noexcept;
    /// For text and binary.
    PropertyWriter& data(PropertyId id, Bytes value) noexcept;
    PropertyWriter& text(PropertyId id, std::string_view value) noexcept { return data(id, as_bytes(value)); }
    PropertyWriter& user(std::string_view name, std::string_view value) noexcept;

private:
    ByteBuffer& block_;
};

}  // namespace junctor::mqtt
