#pragma once

#include <cstdint>
#include <string>

namespace bench {

enum class Protocol : std::uint8_t { mqtt, mqtt_over_tls, mqtt_over_websocket, json_over_websocket };
enum class Pattern : std::uint8_t {
    fan,       ///< every subscriber gets every message
    pairs,     ///< subscriber i gets those of publisher i
    stored,    ///< the subscribers hold many subscriptions; every message matches exactly one
    idle,      ///< connections that say nothing
    retained,  ///< retained topics are stored, then fetched by each subscriber
    offline,   ///< persistent sessions come back for what was queued meanwhile
};

/// What one run does. Every field has a `--name value` on the command line.
struct Options {
    Protocol protocol = Protocol::mqtt;
    Pattern pattern = Pattern::fan;
    std::string host = "127.0.0.1";
    std::uint16_t port = 1883;
    std::string path = "/mqtt";          ///< of the WebSocket
    std::uint32_t publishers = 1;
    std::uint32_t subscribers = 1;
    std::uint32_t size = 64;             ///< payload bytes
    std::uint32_t qos = 0;               ///< of messages and subscriptions; MQTT only
    bool retain = false;                 ///< of messages; MQTT only
    bool persistent = false;             ///< the subscribers' sessions outlive their connections; MQTT only
    std::uint32_t in_flight = 100;       ///< QoS 1 and 2: messages of a publisher without acknowledgement
    std::uint32_t window = 64;           ///< undelivered messages that a publisher may have outstanding; not used with a rate
    double rate = 0;                     ///< messages per second of all publishers together, open loop; 0: as fast as the window allows
    bool sleeps = false;                 ///< at a rate: between messages, which leaves the processor to others
    double seconds = 2;                  ///< how long is published
    std::uint32_t subscriptions = 100'000; ///< stored: over all subscribers
    std::uint32_t messages = 5'000;      ///< retained, offline: how many are stored
    std::uint32_t connections = 10'000;  ///< idle: how many to hold
    bool subscribe = false;              ///< idle: with one subscription each
    double hold_seconds = 2;             ///< idle: how long before memory is read
    int pid = 0;                         ///< the process to account for; 0: none
};

/// Ends the program with a message on a wrong command line.
Options parse_options(int argc, char** argv);

}  // namespace bench
