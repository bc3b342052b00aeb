#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "core/ports/descriptor.hpp"

namespace junctor {

/// The commands that only print or check. They throw SetupError or config::ConfigError.
void check_configuration(const std::string& path, const std::vector<Descriptor>& descriptors, std::ostream& out);
/// Never overwrites a file; `-` is `out`.
void write_example(const std::string& path, const std::vector<Descriptor>& descriptors, std::ostream& out);
/// What `Descriptor::registration` says of the configured backend, else of the first bridge that has any, in a new file (0600).
void write_registration(const std::string& config_path, const std::string& file, const std::vector<Descriptor>& descriptors, std::ostream& out);
void print_schema(const std::vector<Descriptor>& descriptors, std::ostream& out);
void print_reference(const std::vector<Descriptor>& descriptors, std::ostream& out);
void print_plugins(const std::vector<Descriptor>& descriptors, std::ostream& out);
void print_version(std::ostream& out);

}  // namespace junctor
