#pragma once

#include <string>
#include <string_view>

namespace junctor::vertx {

/// The topic that an address of a client stands for, and back; each is the other's inverse. What no topic may hold (`+`, `#`, control
/// characters) stands percent-escaped there, and what looks like such an escape has one more `25` behind its `%`.
std::string topic_of_address(std::string_view address);
std::string address_of_topic(std::string_view topic);

}  // namespace junctor::vertx
