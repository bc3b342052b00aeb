#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "core/ports/client.hpp"
#include "core/ports/descriptor.hpp"

namespace junctor {

/// What `junctor pub`, `sub` or `request` was asked to do.
struct ClientCommand {
    enum class Verb : std::uint8_t { publish, subscribe, request };

    Verb verb = Verb::publish;
    std::string url;
    std::string topic;                   ///< empty: the URL's path
    std::optional<std::string> message;  ///< without it: `file`, or standard input
    std::string file;
    int qos = 0;
    bool retain = false;
    std::vector<std::string> headers;  ///< `name=value`
    std::string content_type;
    std::string ttl;
    std::string timeout;      ///< for connecting, acknowledgements and answers
    std::uint64_t count = 0;  ///< sub: end after so many messages; 0: never
    bool json = false;
    bool raw = false;
    std::string user;
    std::string password_file;
    std::string token_file;
    std::string cert_file;
    std::string key_file;
    std::string curve_key_file;
    std::string curve_server_key_file;
    std::string client_id;
    std::string session;  ///< sub: a durable one of this name
    std::string expiry;   ///< how long it waits for its client
    std::string from;     ///< sub: where in the history to begin: `first`, `now`, `<epoch>-<offset>`, or an offset
    std::string epoch;    ///< of that offset
    std::string ca_file;
    bool insecure = false;
};

/// Runs it. Throws ClientError with one sentence.
void run_client(const ClientCommand& command, const std::vector<Descriptor>& descriptors, std::istream& in, std::ostream& out);

}  // namespace junctor
