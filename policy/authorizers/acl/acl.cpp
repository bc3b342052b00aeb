#include "policy/authorizers/acl/acl.hpp"

#include "core/base/setup_error.hpp"
#include "core/config/load.hpp"
#include "core/observe/log.hpp"

namespace junctor::acl {
namespace {

using config::Section;
using config::Type;

config::Field rules_field() {
    return {.name = "rules",
            .type = Type::section_list,
            .doc = "What is allowed and denied. One deny counts more than any allow; what no rule allows is left to the other authorizers.",
            .fields = rule_fields()};
}

/// What could not be read has been reported.
void read_rules(const Section& section, std::vector<Rule>& into, std::vector<std::string>& problems) {
    for (const Section& written : section.sections("rules")) {
        if (!written.sound()) continue;
        if (std::optional<Rule> rule = read_rule(written, problems)) into.push_back(std::move(*rule));
    }
}

std::vector<Rule> read_file(const std::filesystem::path& path) {
    config::Field rules = rules_field();
    rules.required = true;
    config::Reading reading = config::read_document(path.string(), {rules});
    std::vector<Rule> read;
    std::vector<std::string> problems;
    read_rules(reading.root, read, problems);
    for (const std::string& line : problems) reading.problems.add_line(config::place_in(path.string(), line).value_or(config::Position{}), line);
    if (!reading.problems.empty()) throw config::ConfigError(reading.problems.lines());
    if (read.empty()) throw config::ConfigError({path.string() + ": there is no rule in it; 'deny: [all]' is one that lets nobody do anything"});
    return read;
}

std::string_view reason(const Rule* rule) noexcept {
    if (!rule) return "no rule is about this";
    return rule->allows ? "a rule allows this" : "a rule denies this";
}

Verdict::Outcome outcome(const Rule* rule) noexcept {
    if (!rule) return Verdict::Outcome::abstain;
    return rule->allows ? Verdict::Outcome::allow : Verdict::Outcome::deny;
}

}  // namespace

Acl::Acl(const Section& entry, const PolicyParts& parts)
    : name_(parts.name), changed_(parts.changed), file_(entry.has("file") && entry.sound("file") ? std::optional(entry.text("file")) : std::nullopt) {
    if (!file_ && !entry.has("rules") && entry.sound()) throw SetupError("an acl has 'rules: [...]', or a 'file' of them");
    std::vector<std::string> problems;
    read_rules(entry, own_, problems);
    try {
        rules_ = read();
    } catch (const config::ConfigError& of_file) {
        problems.insert(problems.end(), of_file.lines().begin(), of_file.lines().end());
    }
    if (!problems.empty()) throw config::ConfigError(std::move(problems));
}

Acl::RulesPtr Acl::read() const {
    std::vector<Rule> all = own_;
    if (file_)
        for (Rule& rule : read_file(*file_)) all.push_back(std::move(rule));
    return std::make_shared<const RuleSet>(std::move(all));
}

void Acl::start() {
    if (file_) watch_.emplace(*file_, [this] { reload(); });
}

void Acl::reload() {
    try {
        rules_ = read();
        changed_();
        log_info("policy", "rules reloaded", {{"authorizer", name_}, {"file", file_->string()}});  // who reads this may rely on it
    } catch (const config::ConfigError& error) {
        for (const std::string& line : error.lines()) log_error("policy", "rules kept as they were", {{"authorizer", name_}, {"because", line}});
    }
}

std::optional<Verdict::Outcome> Acl::cached(const Question& question) const noexcept { return outcome(rules_.load()->find(question)); }

void Acl::authorize(const Question& question, std::function<void(Verdict)> done) {
    const RulesPtr rules = rules_.load();
    const Rule* const rule = rules->find(question);
    done({outcome(rule), std::string(reason(rule)), rule ? rule->name : name_});
}

std::vector<RuleTrial> Acl::tried(const Question& question) const {
    const RulesPtr rules = rules_.load();
    std::vector<RuleTrial> trials;
    for (const Rule& rule : rules->rules()) trials.push_back({rule.name, outcome(&rule), std::string(rule.why_not(question))});
    return trials;
}

}  // namespace junctor::acl

namespace junctor::authorizers::acl {

AuthorizerDescriptor descriptor() {
    return {.name = "acl",
            .summary = "Judges by rules on who, what and where; in the configuration or in a file that is read again when it changes.",
            .fields = {{.name = "file", .type = config::Type::path, .doc = "A file with a list 'rules', written as those here."},
                       junctor::acl::rules_field()},
            .makes_parts = true,
            .make = [](const config::Section& entry, const PolicyParts& parts) { return std::make_shared<junctor::acl::Acl>(entry, parts); }};
}

}  // namespace junctor::authorizers::acl
