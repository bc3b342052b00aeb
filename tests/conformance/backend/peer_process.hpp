#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace junctor::test {

/// A program that says in its first line that it is ready, and ends with its input: with this object.
class PeerProcess {
public:
    /// Waits for that line.
    explicit PeerProcess(std::vector<std::string> words);
    ~PeerProcess();
    PeerProcess(const PeerProcess&) = delete;

    const std::string& line() const noexcept { return line_; }

private:
    std::string line_;
    int input_ = -1;
    pid_t process_ = -1;
};

}  // namespace junctor::test
