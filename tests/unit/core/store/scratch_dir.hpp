#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace junctor::test {

/// A directory of its own for one test, in memory where there is such a file system: the tests sync a lot. Gone with it.
class ScratchDir {
public:
    ScratchDir() {
        const bool memory = ::access("/dev/shm", W_OK) == 0;
        std::string name = (memory ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path()) / "junctor_store_XXXXXX";
        path_ = ::mkdtemp(name.data());
    }
    ~ScratchDir() { std::filesystem::remove_all(path_); }
    ScratchDir(const ScratchDir&) = delete;
    ScratchDir& operator=(const ScratchDir&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace junctor::test
