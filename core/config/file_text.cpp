#include "core/config/file_text.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

namespace junctor::config {

FileText read_file(const std::filesystem::path& path, std::size_t most) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) return {{}, "is a directory, not a file"};
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) return {{}, std::string("cannot be read: ") + std::strerror(errno != 0 ? errno : EIO)};
    FileText read;
    read.text.resize(most + 1);
    file.read(read.text.data(), static_cast<std::streamsize>(read.text.size()));
    read.text.resize(static_cast<std::size_t>(file.gcount()));
    if (read.text.size() > most) return {{}, "is larger than " + std::to_string(most) + " bytes"};
    return read;
}

}  // namespace junctor::config
