#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/setup_error.hpp"
#include "core/config/problems.hpp"

namespace junctor {

/// What is wrong with a configuration: what reading it found, and what goes wrong while several things are set up. All of it is told at once.
class SetupProblems {
public:
    /// `source` as in `Configuration::source`: defaults have no place to point to.
    explicit SetupProblems(std::string source) : SetupProblems(config::Problems(std::move(source))) {}
    /// With what has been found already.
    explicit SetupProblems(config::Problems found) : found_(std::move(found)) {}

    void add(const std::string& where, const std::string& sentence);

    /// Runs `step`, and keeps its SetupError or ConfigError with `where`, unless that says itself where. Whether there was none.
    template <class Step>
    bool attempt(const std::string& where, Step&& step) {
        try {
            step();
            return true;
        } catch (const SetupError& problem) {
            if (problem.about().empty() || told_.insert(problem.about()).second) add(where, problem.what());
        } catch (const config::ConfigError& problems) {
            for (const std::string& line : problems.lines()) add_line(where, line);
        }
        return false;
    }

    bool empty() const noexcept { return found_.empty(); }
    std::vector<std::string> lines() const { return found_.lines(); }
    config::Problems take() { return std::move(found_); }
    /// Throws config::ConfigError if there was any.
    void throw_any() const {
        if (!found_.empty()) throw config::ConfigError(found_.lines());
    }

private:
    void add_line(const std::string& where, const std::string& line);

    config::Problems found_;
    std::set<std::string> told_;  ///< `SetupError::about`
};

}  // namespace junctor
