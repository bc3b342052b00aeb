#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include "policy/file_watch.hpp"
#include "policy/jose/algorithm.hpp"
#include "policy/tokens/key_source.hpp"

namespace junctor {

/// Keys in a file as they are now: once started, notices when it has changed. One that is not valid, or gone, changes nothing and is told in
/// the log. A token that names an unknown key waits for nothing.
class FileKeys final : public KeySource {
public:
    enum class Form : std::uint8_t {
        pem,   ///< one public key or certificate
        jwks,  ///< a JSON Web Key Set
        secret,  ///< shared with the issuer, for HS algorithms
    };

    /// Reads it. `algorithms`: a file with no key for any of them is no good later on. Throws SetupError with what is wrong, to stand
    /// behind the name of a field.
    FileKeys(std::filesystem::path file, Form form, const jose::AlgorithmSet& algorithms);

    void start() override;
    jose::KeySetPtr keys() const override { return keys_.load(); }
    void renew(CoreId, jose::KeySetPtr, std::function<void()> done) override { done(); }

    /// Reads it again. False: it is as it was.
    bool look() noexcept;

    /// Whether some key of the set can do one of the algorithms.
    static bool of_use(const jose::KeySet& keys, const jose::AlgorithmSet& algorithms) noexcept;

private:
    struct Reading {
        jose::KeySetPtr keys;
        std::string problem;  ///< empty: none
    };
    Reading read() const;

    const std::filesystem::path file_;
    const Form form_;
    const jose::AlgorithmSet algorithms_;
    std::atomic<jose::KeySetPtr> keys_;
    std::unique_ptr<FileWatch> watch_;  ///< last: it ends first
};

}  // namespace junctor
