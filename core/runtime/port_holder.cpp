#include "core/runtime/port_holder.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

namespace junctor {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view listening = "0A";  // TCP_LISTEN in /proc/net/tcp

/// The inodes of all sockets that listen on `port`, whatever their address: proc(5), /proc/net/tcp.
std::vector<std::string> listening_inodes(std::uint16_t port) {
    std::vector<std::string> inodes;
    for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        std::ifstream file(table);
        std::string line;
        std::getline(file, line);
        while (std::getline(file, line)) {
            std::istringstream fields(line);
            std::string slot, local, remote, state, queues, timer, retransmits, user, timeout, inode;
            fields >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> user >> timeout >> inode;
            const std::size_t colon = local.rfind(':');
            if (state != listening || colon == std::string::npos) continue;
            if (std::stoul(local.substr(colon + 1), nullptr, 16) == port) inodes.push_back("socket:[" + inode + "]");
        }
    }
    return inodes;
}

bool holds_any(const fs::path& process, const std::vector<std::string>& inodes) {
    std::error_code ignored;
    for (fs::directory_iterator entry(process / "fd", ignored), end; !ignored && entry != end; entry.increment(ignored)) {
        const fs::path target = fs::read_symlink(entry->path(), ignored);
        if (std::ranges::find(inodes, target.native()) != inodes.end()) return true;
        ignored.clear();
    }
    return false;
}

std::string command_of(const fs::path& process) {
    std::ifstream file(process / "comm");
    std::string command;
    std::getline(file, command);
    std::ranges::replace_if(command, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
    return command;
}

}  // namespace

std::string port_holder(const Address& address) {
    const std::vector<std::string> inodes = listening_inodes(address.port);
    if (inodes.empty()) return {};
    std::error_code ignored;
    for (fs::directory_iterator entry("/proc", ignored), end; !ignored && entry != end; entry.increment(ignored)) {
        const std::string id = entry->path().filename();
        if (!std::ranges::all_of(id, [](char c) { return c >= '0' && c <= '9'; })) continue;
        if (holds_any(entry->path(), inodes)) return command_of(entry->path()) + " (process " + id + ")";
    }
    return {};
}

}  // namespace junctor
