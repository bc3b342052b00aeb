#pragma once

#include <string>
#include <string_view>

namespace junctor::test {

/// Bytes as the protocols have them, made by hand: what is tested must not make its own tests.

/// An MQTT packet with its length.
std::string mqtt_packet(unsigned char first, std::string_view rest);
/// MQTT text: two bytes of length, then the bytes.
std::string mqtt_text(std::string_view text);
/// CONNECT of MQTT 3.1.1: clean session, no keep-alive, this client id.
std::string mqtt_connect(std::string_view client_id = {});

/// A WebSocket upgrade request.
std::string websocket_upgrade(std::string_view path);
/// A masked frame in one piece; `first`: its first byte (0x81: text).
std::string websocket_frame(unsigned char first, std::string_view payload);

}  // namespace junctor::test
