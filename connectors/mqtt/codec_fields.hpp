#pragma once

#include "connectors/mqtt/codec.hpp"

namespace junctor::mqtt {

/// Steps that the decoders share.

/// A variable byte integer (5.0 section 1.5.5); false where it is cut off, over four bytes, or longer than needed.
bool read_variable(ByteReader& from, std::uint32_t& value) noexcept;

/// Two bytes of length, then as many bytes; sets the reader's `failed` where they are not there.
Bytes read_sized(ByteReader& from) noexcept;

/// Whose properties are read; will properties have rules of their own.
enum class PropertyPlace : std::uint8_t { packet, will };

/// Reads the length and the properties, and checks each of them for that packet type.
Decoded<Properties> read_properties(ByteReader& from, PacketType type, Sender sender,
                                    PropertyPlace place = PropertyPlace::packet) noexcept;

}  // namespace junctor::mqtt
