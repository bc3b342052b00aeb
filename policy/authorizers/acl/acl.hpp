#pragma once

#include <atomic>
#include <filesystem>
#include <optional>

#include "policy/authorizers/acl/rule_set.hpp"
#include "policy/file_watch.hpp"
#include "policy/plugin.hpp"

namespace junctor::acl {

/// Judges by written rules: those of the configuration, then those of a file of their own. The file is read again when it changes; one
/// that is missing, empty or wrong keeps the rules that are in force and says so in the log (threat class 11).
class Acl final : public Authorizer {
public:
    /// Throws config::ConfigError with every mistake.
    Acl(const config::Section& entry, const PolicyParts& parts);

    std::string_view name() const noexcept override { return name_; }
    void start() override;
    std::optional<Verdict::Outcome> cached(const Question& question) const noexcept override;
    void authorize(const Question& question, std::function<void(Verdict)> done) override;

    std::vector<RuleTrial> tried(const Question& question) const override;

    /// Takes over what the file says now. On the thread of the watch, or of a test.
    void reload();

private:
    using RulesPtr = std::shared_ptr<const RuleSet>;

    RulesPtr read() const;

    const std::string name_;
    const std::function<void()> changed_;
    std::vector<Rule> own_;
    const std::optional<std::filesystem::path> file_;
    std::atomic<RulesPtr> rules_;
    std::optional<FileWatch> watch_;
};

}  // namespace junctor::acl
