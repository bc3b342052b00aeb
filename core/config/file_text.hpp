#pragma once

#include <filesystem>
#include <string>

namespace junctor::config {

/// What a file holds, or one sentence why it could not be read.
struct FileText {
    std::string text;
    std::string problem;  ///< empty: none
};

/// Reads a regular file or pipe of at most `most` bytes.
FileText read_file(const std::filesystem::path& path, std::size_t most);

/// What a secret is of a file that holds it: editors end lines.
inline void without_line_end(std::string& text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
}

}  // namespace junctor::config
