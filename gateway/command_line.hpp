#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace junctor {

/// Exit codes of the program.
enum class Exit : int { ok = 0, failed = 1, usage = 2 };

/// The whole program: `arguments` are without the program's name.
Exit run_command_line(const std::vector<std::string>& arguments, std::istream& in, std::ostream& out, std::ostream& err);

}  // namespace junctor
