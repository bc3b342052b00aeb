#include "gateway/text_commands.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ostream>

#include "core/base/setup_error.hpp"
#include "core/config/example.hpp"
#include "core/config/reference.hpp"
#include "core/config/schema_json.hpp"
#include "core/runtime/system_clock.hpp"
#include "gateway/application.hpp"
#include "gateway/new_file.hpp"
#include "gateway/version.hpp"
#include "policy/plugin.hpp"

namespace junctor {

namespace {

std::string joined(const Descriptor& descriptor) {
    std::string text;
    for (const auto& [scheme, factory] : descriptor.clients) text += (text.empty() ? "" : " ") + scheme + "://";
    return text;
}

const Descriptor* registering(const std::string& type, const std::vector<Descriptor>& descriptors) {
    for (const Descriptor& each : descriptors)
        if (each.name == type && each.registrations) return &each;
    return nullptr;
}

std::vector<Registration> registrations_of(const Configuration& configuration, const std::vector<Descriptor>& descriptors) {
    if (configuration.backend)
        if (const Descriptor* const descriptor = registering(configuration.backend->type, descriptors))
            return descriptor->registrations(configuration.backend->section);
    for (const BridgeEntry& each : configuration.bridges)
        if (const Descriptor* const descriptor = registering(each.type, descriptors)) return descriptor->registrations(each.section);
    throw SetupError(configuration.source + ": nothing to register: neither the backend nor a bridge is of a type whose servers ask for it, such as 'matrix'");
}

}  // namespace

void check_configuration(const std::string& path, const std::vector<Descriptor>& descriptors, std::ostream& out) {
    SystemClock clock;
    // Putting the gateway together without starting it finds what no single value shows: routes claimed twice, bad certificates.
    const Application application(read_configuration(path, descriptors), descriptors, clock);
    out << application.configuration().source << ": good\n";
}

void write_example(const std::string& path, const std::vector<Descriptor>& descriptors, std::ostream& out) {
    const std::string text = config::example_document(configuration_schema(descriptors), "junctor configuration");
    if (path == "-") {
        out << text;
        return;
    }
    if (std::filesystem::exists(path))
        throw SetupError("'" + path + "' exists and is left as it is; name another file, or - to see the example");
    std::ofstream file(path);
    file << text;
    if (!file.flush()) throw SetupError("'" + path + "' cannot be written: " + std::strerror(errno));
    out << "Wrote " << path << "; 'junctor check " << path << "' checks it, 'junctor run -c " << path << "' runs it.\n";
}

void write_registration(const std::string& config_path, const std::string& file, const std::vector<Descriptor>& descriptors, std::ostream& out) {
    for (const Registration& each : registrations_of(load_configuration(config_path, descriptors), descriptors)) {
        std::filesystem::path path(file);
        path.replace_filename(path.stem().string() + each.suffix + path.extension().string());
        write_new_file(path.string(), each.document, 0600);
        out << "Wrote '" << path.string() << "', with secrets in it: the administrator of the backend's server installs it there.\n";
    }
}

void print_schema(const std::vector<Descriptor>& descriptors, std::ostream& out) {
    out << config::schema_json(configuration_schema(descriptors), "junctor configuration");
}

void print_reference(const std::vector<Descriptor>& descriptors, std::ostream& out) {
    out << config::reference_page(configuration_schema(descriptors), "junctor configuration");
}

void print_plugins(const std::vector<Descriptor>& descriptors, std::ostream& out) {
    for (const Descriptor& descriptor : descriptors) {
        out << (descriptor.make_listener ? "" : "backend ") << descriptor.name << "\n  " << descriptor.summary << '\n';
        if (!descriptor.clients.empty()) out << "  client for " << joined(descriptor) << '\n';
        for (const std::string& entry : descriptor.defaults) out << "  by default " << entry << '\n';
    }
    for (const AuthenticatorDescriptor& descriptor : authenticator_descriptors())
        out << "authenticator " << descriptor.name << "\n  " << descriptor.summary << '\n';
    for (const AuthorizerDescriptor& descriptor : authorizer_descriptors())
        out << "authorizer " << descriptor.name << "\n  " << descriptor.summary << '\n';
}

void print_version(std::ostream& out) { out << "junctor " << version() << '\n'; }

}  // namespace junctor
