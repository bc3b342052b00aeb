#include "gateway/new_file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "core/base/setup_error.hpp"

namespace junctor {

void write_new_file(const std::string& file, const std::string& text, mode_t mode) {
    const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (descriptor < 0 && errno == EEXIST) throw SetupError("'" + file + "' exists and is left as it is; name another file");
    if (descriptor < 0) throw SetupError("'" + file + "' cannot be made: " + std::strerror(errno));
    const bool written = write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    close(descriptor);
    if (!written) throw SetupError("'" + file + "' cannot be written");
}

}  // namespace junctor
