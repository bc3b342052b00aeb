#pragma once

#include <string>

#include <sys/types.h>

namespace junctor {

/// Never replaces a file. Throws SetupError.
void write_new_file(const std::string& file, const std::string& text, mode_t mode);

}  // namespace junctor
