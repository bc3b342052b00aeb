#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

namespace junctor::test {

/// A directory of its own for one test; gone with it.
class ScratchDir {
public:
    ScratchDir() {
        std::string name = std::filesystem::temp_directory_path() / "junctor_store_XXXXXX";
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
