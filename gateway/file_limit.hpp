#pragma once

#include <cstddef>
#include <vector>

#include "core/ports/descriptor.hpp"
#include "gateway/configuration.hpp"

namespace junctor {

/// Lets this process open as many descriptors as it may: every connection takes one.
void raise_file_limit() noexcept;

/// How many descriptors a gateway takes before the first client comes, about, and a few for clients.
std::size_t files_needed(const Configuration& configuration, const std::vector<Descriptor>& descriptors);

/// Whether so many can be opened besides those that are open. Throws SetupError: which limit would do, and how to raise it. To be asked
/// before libraries need them that end the process where there is none (libzmq).
void require_files(std::size_t more);

}  // namespace junctor
