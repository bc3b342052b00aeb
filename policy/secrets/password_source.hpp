#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>

#include "policy/file_watch.hpp"
#include "policy/secrets/password_table.hpp"

namespace junctor {

/// A password file as it is now: once started, notices when it has changed. One that is not valid, or gone, changes nothing and is told
/// in the log.
class PasswordSource {
public:
    struct Version {
        PasswordTable table;
        std::uint64_t number = 0;  ///< counts up
    };

    /// Reads it. Throws config::ConfigError with everything that is wrong. `changed` is called on a thread of its own.
    PasswordSource(std::filesystem::path file, std::function<void()> changed);
    PasswordSource(const PasswordSource&) = delete;
    PasswordSource& operator=(const PasswordSource&) = delete;

    void start();
    /// From any thread.
    std::shared_ptr<const Version> now() const noexcept { return version_.load(); }

    /// Reads it again, and calls `changed`. False: it is as it was.
    bool look() noexcept;

private:
    std::shared_ptr<const Version> read() const;

    const std::filesystem::path file_;
    const std::function<void()> changed_;
    std::atomic<std::shared_ptr<const Version>> version_;
    std::unique_ptr<FileWatch> watch_;
};

}  // namespace junctor
