#pragma once

#include <string>
#include <vector>

namespace junctor {

/// One address at which something listens, as start shows it.
struct StartRow {
    std::string connector;
    std::string address;
    std::string who;    ///< who may connect
    std::string proof;  ///< a command to copy; may be empty
};

/// The table that start prints: aligned columns, and below each row its command, alone on the line so that it is easily copied.
std::string start_table(const std::vector<StartRow>& rows);

}  // namespace junctor
