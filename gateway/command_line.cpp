#include "gateway/command_line.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <istream>
#include <ostream>
#include <set>

#include "core/config/nearest_name.hpp"
#include "core/config/problems.hpp"
#include "gateway/client_command.hpp"
#include "gateway/explain_command.hpp"
#include "gateway/option_checks.hpp"
#include "gateway/passwd_command.hpp"
#include "gateway/registry.hpp"
#include "gateway/run_command.hpp"
#include "gateway/text_commands.hpp"
#include "gateway/version.hpp"

namespace junctor {

namespace {

constexpr std::string_view examples =
    "Examples:\n"
    "  junctor                                              run with the defaults\n"
    "  junctor init && junctor run -c junctor.yaml          write a configuration and run it\n"
    "  junctor sub 'mqtt://127.0.0.1:1883/plant/#'          see what is published\n"
    "  junctor pub http://127.0.0.1:8080/plant/line1 -m 21  publish, over any protocol\n";

/// The command line as declared to CLI11, and what it read.
class CommandLine {
public:
    CommandLine() {
        app_.require_subcommand(0, 1);
        app_.footer(std::string(examples));
        app_.set_version_flag("--version", "junctor " + std::string(version()), "Print the version and exit");
        take_config(app_);
        take_config(*add("run", "Run the gateway (the default)"));
        checking(*add("check", "Check a configuration and tell every error at once"));
        add("init", "Write a commented configuration to start from")
            ->add_option("FILE", output_, "Where to; - is standard output")
            ->capture_default_str();
        registration();
        add("schema", "Print the JSON Schema of the configuration");
        add("reference", "Print the reference page of the configuration");
        explaining(*add("explain", "Explain what somebody may do under a configuration, and why"));
        add("plugins", "List what this build can speak");
        add("version", "Print the version");
        passwd();
        add("curve", "Make a key for ZeroMQ's CURVE")->add_option("FILE", key_file_, "Where the secret goes; the public key to FILE.pub")->required();
        client("pub", "Publish a message", ClientCommand::Verb::publish);
        client("sub", "Subscribe and print what arrives", ClientCommand::Verb::subscribe);
        client("request", "Send a request and print its answer", ClientCommand::Verb::request);
        refuse_empty(app_);
        for (CLI::App* command : app_.get_subcommands({})) refuse_empty(*command);
    }

    /// Throws CLI::ParseError.
    void parse(std::vector<std::string> arguments) {
        std::reverse(arguments.begin(), arguments.end());
        app_.parse(std::move(arguments));
    }

    std::vector<std::string> commands() const {
        std::vector<std::string> names;
        for (const CLI::App* command : app_.get_subcommands({})) names.push_back(command->get_name());
        return names;
    }

    /// The long options of a command; those without any where it is empty.
    std::vector<std::string> options(const std::string& command) const {
        std::vector<const CLI::App*> candidates = app_.get_subcommands({});
        if (command.empty()) candidates = {&app_};
        std::vector<std::string> names;
        for (const CLI::App* candidate : candidates)
            if (command.empty() || candidate->get_name() == command)
                for (const CLI::Option* option : candidate->get_options())
                    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
        return names;
    }

    std::string command() const { return app_.get_subcommands().empty() ? "run" : app_.get_subcommands().front()->get_name(); }
    const std::string& config() const { return config_; }
    const std::string& output() const { return output_; }
    const ClientCommand& client() const { return client_; }
    ExplainCommand explanation() const {
        ExplainCommand command = explain_;
        command.config = config_;
        return command;
    }
    const PasswdCommand& passwd_command() const { return passwd_; }
    const std::string& key_file() const { return key_file_; }
    const std::string& registration_file() const { return registration_file_; }
    int explain(const CLI::ParseError& error, std::ostream& out, std::ostream& err) { return app_.exit(error, out, err); }

private:
    CLI::App* add(const std::string& name, const std::string& summary) { return app_.add_subcommand(name, summary); }

    void take_config(CLI::App& command) {
        command.add_option("-c,--config", config_, "Configuration file; without one the defaults run")->type_name("FILE");
    }

    void checking(CLI::App& command) {
        CLI::Option* const file = command.add_option("FILE", config_, "Configuration file; without one the defaults");
        command.add_option("-c,--config", config_, "The same, as 'run' takes it")->type_name("FILE")->excludes(file);
    }

    /// An option whose value is empty because a script's variable is would otherwise be as if it were not there.
    static void refuse_empty(CLI::App& command) {
        static const std::set<std::string> may_be_empty{"--message", "--content-type", "--groups", "--group", "--claim", "--topic", "--tenant", "--client-id"};
        for (CLI::Option* option : command.get_options())
            if (option->get_items_expected_max() > 0 && !may_be_empty.contains(option->get_name())) option->check(no_text);
    }

    void explaining(CLI::App& command) {
        take_config(command);
        command.add_option("--as", explain_.user, "Who: the name of a principal")->required();
        command.add_option("--verb", explain_.verb, "What: connect, publish, subscribe, receive, request, history, presence, admin, bridge")->required();
        command.add_option("--topic", explain_.topic, "On which topic; a filter for subscribe");
        command.add_option("--group", explain_.groups, "A group that the principal is in; may be repeated")->allow_extra_args(false);
        command.add_option("--claim", explain_.claims, "A claim NAME=VALUE of the principal; may be repeated")->allow_extra_args(false);
        command.add_option("--tenant", explain_.tenant, "The tenant that the principal belongs to");
        command.add_option("--client-id", explain_.client_id, "The name of the session");
        command.add_option("--protocol", explain_.protocol, "The protocol of the session, as policy services are told it: mqtt, websocket, rest, ...");
    }

    void registration() {
        CLI::App* const command = add("registration", "Write what the backend's server installs to let the gateway in, such as Matrix puppets");
        take_config(*command);
        command->add_option("FILE", registration_file_, "Where to: a new file that only its owner can read")->required();
    }

    void passwd() {
        CLI::App* const command = add("passwd", "Set, change or delete a user of a password file");
        command->add_option("FILE", passwd_.file, "Password file; made when it is not there")->required();
        command->add_option("USER", passwd_.user, "User name")->required();
        command->add_option("--groups", passwd_.groups, "The user's groups, like ops,dev; '' for none. Without it they stay");
        CLI::Option* const scram = command->add_flag("--scram", passwd_.scram, "Keep what SCRAM needs, too");
        CLI::Option* const key =
            command->add_option("--curve-key", passwd_.curve_key_file, "File with the user's public CURVE key; the password stays")->excludes(scram);
        command->add_flag("--delete", passwd_.remove, "Delete the user")->excludes(scram)->excludes(key);
    }

    void client(const std::string& name, const std::string& summary, ClientCommand::Verb verb) {
        CLI::App* const command = add(name, summary);
        command->parse_complete_callback([this, verb] { client_.verb = verb; });
        command->add_option("URL", client_.url, "Where to, like mqtt://127.0.0.1:1883/some/topic")->required();
        command->add_option("TOPIC", client_.topic, "Topic, if it is not the URL's path");
        if (verb != ClientCommand::Verb::subscribe) sending(*command);
        if (verb != ClientCommand::Verb::publish) receiving(*command);
        if (verb == ClientCommand::Verb::subscribe) number(command->add_option("-n,--count", client_.count, "End after so many messages; goes on until it is stopped unless given"), not_a_count);
        connecting(*command);
    }

    void sending(CLI::App& command) {
        CLI::Option* const message =
            command.add_option("-m,--message", client_.message, "Payload; without -m or -f it is read from standard input");
        command.add_option("-f,--file", client_.file, "Payload from a file; - is standard input")->excludes(message);
        command.add_flag("-r,--retain", client_.retain, "Keep it as the topic's last value");
        command.add_option("-H,--header", client_.headers, "Header name=value; may be repeated")->allow_extra_args(false);
        command.add_option("--content-type", client_.content_type, "Type of the payload, like application/json");
        number(command.add_option("--ttl", client_.ttl, "How long it is of use, like 30s"), not_a_time);
    }

    void receiving(CLI::App& command) {
        CLI::Option* const json = command.add_flag("--json", client_.json, "One JSON object per message, with headers");
        CLI::Option* const session = command.add_option("--session", client_.session, "Durable session: what comes meanwhile waits for the next time");
        number(command.add_option("--expiry", client_.expiry, "How long the session waits, 1h unless given")->needs(session), not_a_time);
        CLI::Option* const from = command.add_option("--from", client_.from, "Begin in the history: first, now, or behind a position (OFFSET with --epoch, or EPOCH-OFFSET)");
        command.add_option("--epoch", client_.epoch, "The epoch of that offset, as --json shows both")->needs(from);
        command.add_flag("--raw", client_.raw, "Only the payload, as it is")->excludes(json);
    }

    /// Checked before CLI11 converts it, which takes -1 for a large number and '' for none.
    static void number(CLI::Option* option, std::string (*trouble)(const std::string&)) { option->check(trouble); }

    void connecting(CLI::App& command) {
        number(command.add_option("-q,--qos", client_.qos, "0 at most once, 1 at least once, 2 exactly once"), not_a_qos);
        number(command.add_option("--timeout", client_.timeout, "Longest wait for the server, 10s unless given"), not_a_time);
        command.add_option("-u,--user", client_.user, "User name")->envname("JUNCTOR_USER");
        CLI::Option* const password =
            command.add_option("--password-file", client_.password_file, "File with the password; else JUNCTOR_PASSWORD in the environment");
        command.add_option("--token-file", client_.token_file, "File with a token instead; else JUNCTOR_TOKEN in the environment")->excludes(password);
        command.add_option("--id", client_.client_id, "Session name");
        command.add_option("--ca", client_.ca_file, "Certificates to trust, PEM");
        CLI::Option* const certificate = command.add_option("--cert", client_.cert_file, "Certificate to show, PEM");
        command.add_option("--key", client_.key_file, "Its private key, PEM, if it is in a file of its own")->needs(certificate);
        command.add_flag("--insecure", client_.insecure, "Accept any certificate");
        command.add_option("--curve-server-key", client_.curve_server_key_file, "zmq://: file with the server's public CURVE key");
        command.add_option("--curve-key", client_.curve_key_file, "zmq://: file with the client's secret CURVE key");
    }

    CLI::App app_{"junctor: one gateway that every messaging client can knock on", "junctor"};
    std::string config_;
    std::string output_ = "junctor.yaml";
    ClientCommand client_;
    ExplainCommand explain_;
    PasswdCommand passwd_;
    std::string key_file_;
    std::string registration_file_;
};

void dispatch(const CommandLine& line, std::istream& in, std::ostream& out) {
    const std::vector<Descriptor> descriptors = connector_descriptors();
    const std::string command = line.command();
    if (command == "run") return run_gateway(line.config(), descriptors, out);
    if (command == "explain") return explain(line.explanation(), descriptors, out);
    if (command == "check") return check_configuration(line.config(), descriptors, out);
    if (command == "init") return write_example(line.output(), descriptors, out);
    if (command == "registration") return write_registration(line.config(), line.registration_file(), descriptors, out);
    if (command == "schema") return print_schema(descriptors, out);
    if (command == "reference") return print_reference(descriptors, out);
    if (command == "plugins") return print_plugins(descriptors, out);
    if (command == "version") return print_version(out);
    if (command == "passwd") return change_password(line.passwd_command(), in, out);
    if (command == "curve") return make_curve_key(line.key_file(), out);
    run_client(line.client(), descriptors, in, out);
}

/// A first word that is no command gets the nearest one; CLI11 would only call it unexpected.
std::string unknown_command(const std::vector<std::string>& arguments, const CommandLine& line) {
    if (arguments.empty() || arguments.front().starts_with('-')) return {};
    const std::vector<std::string> known = line.commands();
    if (std::find(known.begin(), known.end(), arguments.front()) != known.end()) return {};
    if (std::filesystem::path(arguments.front()).has_extension())
        return "'" + arguments.front() + "' is no command; 'junctor run -c " + arguments.front() + "' runs a configuration file";
    return "'" + arguments.front() + "' is no command" + config::suggestion(arguments.front(), known);
}

/// An option that the command does not have gets the nearest one.
std::string unknown_option(const std::vector<std::string>& arguments, const CommandLine& line) {
    if (arguments.empty()) return {};
    const std::string first = arguments.front();
    const bool command = !first.starts_with('-');
    const std::vector<std::string> known = line.options(command ? first : "");
    const std::string of = command ? "'" + first + "'" : "'junctor'";
    for (const std::string& argument : arguments) {
        const std::string name = argument.substr(0, argument.find('='));
        if (!name.starts_with("--") || name.size() == 2 || std::find(known.begin(), known.end(), name) != known.end()) continue;
        if (const auto near = config::nearest_name(name, known))
            return "'" + name + "' is no option of " + of + "; did you mean '" + *near + "'?";
        if (const auto near = config::nearest_name(name.substr(2), line.commands()); near && !command)
            return "'" + name + "' is no option of " + of + "; did you mean the command '" + *near + "'?";
    }
    return {};
}

std::string sentence(const CLI::ParseError& error, const std::vector<std::string>& arguments, const CommandLine& line) {
    const bool unexpected = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError);
    if (const std::string unknown = unknown_option(arguments, line); unexpected && !unknown.empty()) return unknown;
    const std::string command = arguments.front().starts_with('-') ? "" : arguments.front() + " ";
    if (unexpected && command == "run ") return std::string(error.what()) + "; a configuration file is given by -c";
    return std::string(error.what()) + "; 'junctor " + command + "--help' lists what there is";
}

/// `help` and `help COMMAND`, as other programs have them.
std::vector<std::string> with_help_as_option(std::vector<std::string> arguments) {
    if (arguments.empty() || arguments.front() != "help") return arguments;
    arguments.erase(arguments.begin());
    arguments.push_back("--help");
    return arguments;
}

/// The end of the program when the arguments are wrong or only asked for help.
std::optional<Exit> parse(CommandLine& line, const std::vector<std::string>& given, std::ostream& out, std::ostream& err) {
    const std::vector<std::string> arguments = with_help_as_option(given);
    const std::string unknown = unknown_command(arguments, line);
    if (!unknown.empty()) {
        err << "junctor: " << unknown << '\n';
        return Exit::usage;
    }
    try {
        line.parse(arguments);
        return std::nullopt;
    } catch (const CLI::Success& help) {
        line.explain(help, out, err);
        return Exit::ok;
    } catch (const CLI::ParseError& error) {
        err << "junctor: " << sentence(error, arguments, line) << '\n';
        return Exit::usage;
    }
}

}  // namespace

Exit run_command_line(const std::vector<std::string>& arguments, std::istream& in, std::ostream& out, std::ostream& err) {
    CommandLine line;
    if (const auto end = parse(line, arguments, out, err)) return *end;
    try {
        dispatch(line, in, out);
        if (out.flush()) return Exit::ok;
        err << "junctor: standard output takes no more\n";
    } catch (const ClientError& error) {
        err << "junctor: " << error.what() << (error.code.empty() ? "" : " (" + error.code + ")") << '\n';
    } catch (const config::ConfigError& error) {
        err << error.what() << '\n';
    } catch (const std::exception& error) {
        err << "junctor: " << error.what() << '\n';
    }
    return Exit::failed;
}

}  // namespace junctor
