#include "gateway/client_command.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>

#include "core/base/duration_text.hpp"
#include "core/config/file_text.hpp"
#include "gateway/client_target.hpp"
#include "gateway/message_text.hpp"

namespace junctor {

namespace {

constexpr std::size_t longest_payload = 256U << 20;
constexpr std::size_t longest_secret = 64U << 10;
constexpr Duration usual_expiry = std::chrono::hours(1);

Duration duration(const std::string& option, const std::string& text) {
    const auto parsed = parse_duration(text);
    if (!parsed) throw ClientError(option + " is a time like 250ms, 30s or 5m, not '" + text + "'");
    return *parsed;
}

std::string file_content(const std::string& path, std::size_t most) {
    config::FileText file = config::read_file(path, most);
    if (!file.problem.empty()) throw ClientError("'" + path + "' " + file.problem);
    return std::move(file.text);
}

/// From the file, else from the environment: neither stands in the list of processes.
std::string secret(const std::string& path, const char* variable) {
    if (path.empty()) {
        const char* value = variable ? std::getenv(variable) : nullptr;
        return value ? value : "";
    }
    std::string text = file_content(path, longest_secret);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    if (text.empty()) throw ClientError("'" + path + "' is empty");
    return text;
}

std::optional<HistoryStart> start(const ClientCommand& command) {
    if (command.from.empty() && command.epoch.empty()) return std::nullopt;
    if (command.from == "first") return HistoryStart{HistoryStart::From::first, {}};
    if (command.from == "now") return HistoryStart{HistoryStart::From::now, {}};
    const auto position = parse_history_position(command.epoch.empty() ? command.from : command.epoch + '-' + command.from);
    if (!position) throw ClientError("--from is first, now, or the position of a message: its offset, with --epoch, or both as EPOCH-OFFSET");
    return HistoryStart{HistoryStart::From::after, *position};
}

void take_credentials(const ClientCommand& command, const ClientTarget& target, ClientOptions& options) {
    options.user = command.user.empty() ? target.user : command.user;
    options.password = secret(command.password_file, "JUNCTOR_PASSWORD");
    if (options.password.empty()) options.password = target.password;
    options.token = secret(command.token_file, "JUNCTOR_TOKEN");
    options.cert_file = command.cert_file;
    options.key_file = command.key_file;
    options.curve_key = secret(command.curve_key_file, nullptr);
    options.curve_server_key = secret(command.curve_server_key_file, nullptr);
    if (options.curve_server_key.empty() && !options.curve_key.empty())
        throw ClientError("--curve-key needs --curve-server-key: without the server's public key nothing is encrypted");
}

/// Who asks for encryption, or shows a key, does not get a connection without.
void require_use(const ClientCommand& command, const std::string& url) {
    const std::string scheme = url.substr(0, url.find("://"));
    const bool tls = scheme.ends_with('s') && !scheme.ends_with("ws");
    const auto refuse = [&](const char* option, const std::string& instead) {
        throw ClientError(std::string(option) + " is of no use with " + scheme + "://" + instead);
    };
    const std::string encrypted = scheme == "zmq" ? ", which is encrypted by --curve-server-key" : "; with TLS it is " + scheme + "s://";
    if (!tls && !command.ca_file.empty()) refuse("--ca", encrypted);
    if (!tls && !command.cert_file.empty()) refuse("--cert", encrypted);
    if (!tls && command.insecure) refuse("--insecure", encrypted);
    if (scheme != "zmq" && !command.curve_server_key_file.empty()) refuse("--curve-server-key", ", which CURVE does not encrypt");
    if (scheme != "zmq" && !command.curve_key_file.empty()) refuse("--curve-key", ", which CURVE does not encrypt");
}

ClientOptions options(const ClientCommand& command, const ClientTarget& target) {
    require_use(command, target.url);
    ClientOptions options;
    options.url = target.url;
    take_credentials(command, target, options);
    options.client_id = command.client_id;
    options.ca_file = command.ca_file;
    options.insecure = command.insecure;
    options.start = start(command);
    if (!command.session.empty()) {
        options.client_id = command.session;
        options.session_expiry = command.expiry.empty() ? usual_expiry : duration("--expiry", command.expiry);
    }
    if (!command.timeout.empty()) options.timeout = duration("--timeout", command.timeout);
    return options;
}

/// For people at a terminal; a script's standard error stays empty.
void hint(const std::string& sentence) {
    if (isatty(STDERR_FILENO) == 1) std::cerr << "junctor: " << sentence << '\n';
}

std::string all_of(std::istream& in) {
    std::string text;
    std::array<char, 65'536> some;
    while (in.read(some.data(), some.size()) || in.gcount() > 0) {
        text.append(some.data(), static_cast<std::size_t>(in.gcount()));
        if (text.size() > longest_payload) throw ClientError("standard input is larger than " + std::to_string(longest_payload) + " bytes");
    }
    return text;
}

std::string payload(const ClientCommand& command, std::istream& in) {
    if (command.message) return *command.message;
    if (!command.file.empty() && command.file != "-") return file_content(command.file, longest_payload);
    if (isatty(STDIN_FILENO) == 1) hint("type the payload and end it with Ctrl-D");
    return all_of(in);
}

Header header(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) throw ClientError("--header is written name=value, not '" + text + "'");
    return {text.substr(0, equals), text.substr(equals + 1)};
}

ClientMessage message(const ClientCommand& command, const std::string& topic, std::istream& in) {
    ClientMessage message;
    message.topic = topic;
    message.qos = static_cast<Qos>(command.qos);
    message.retain = command.retain;
    if (!command.ttl.empty()) message.ttl = duration("--ttl", command.ttl);
    message.extras.content_type = command.content_type;
    for (const std::string& text : command.headers) message.extras.headers.push_back(header(text));
    append(message.payload, payload(command, in));
    return message;
}

void print(const ClientCommand& command, const ClientMessage& received, std::ostream& out) {
    if (command.json)
        out << message_json(received) << '\n';
    else if (command.raw)
        out << as_text(received.payload) << '\n';
    else if (command.verb == ClientCommand::Verb::subscribe)
        out << received.topic << ' ' << payload_text(received) << '\n';
    else
        out << payload_text(received) << '\n';
    out.flush();
}

/// On standard error: what a script reads is messages.
void tell(const HistoryOutcome& outcome) {
    if (outcome.how == Resumption::gap) std::cerr << "junctor: a part of the history is gone; what is left begins after " << to_string(outcome.after) << '\n';
    if (outcome.how == Resumption::none) std::cerr << "junctor: no history is kept of all that the filter matches; only what is published from now on comes\n";
}

void listen(const ClientCommand& command, const std::string& filter, Client& client, std::ostream& out) {
    // Only what has QoS 1 waits in a session.
    const int qos = command.session.empty() ? command.qos : std::max(command.qos, 1);
    client.subscribe(filter, static_cast<Qos>(qos));
    HistoryOutcome told = client.outcome();
    tell(told);
    hint("subscribed to '" + filter + "'; Ctrl-C ends");
    for (std::uint64_t seen = 0; (command.count == 0 || seen < command.count) && out.good();) {
        const auto received = client.receive(std::chrono::seconds(1));
        if (const HistoryOutcome now = client.outcome(); now != told) tell(told = now);
        if (!received) continue;
        print(command, *received, out);
        ++seen;
    }
}

}  // namespace

void run_client(const ClientCommand& command, const std::vector<Descriptor>& descriptors, std::istream& in, std::ostream& out) {
    const ClientTarget target = client_target(command.url, command.topic, descriptors);
    const ClientOptions how = options(command, target);
    if (command.verb == ClientCommand::Verb::subscribe) return listen(command, target.topic, *target.make(how), out);
    const ClientMessage outgoing = message(command, target.topic, in);
    const std::unique_ptr<Client> client = target.make(how);
    if (command.verb == ClientCommand::Verb::publish) return client->publish(outgoing);
    print(command, client->request(outgoing, how.timeout), out);
}

}  // namespace junctor
