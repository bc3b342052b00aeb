#pragma once

#include <string>
#include <vector>

#include "core/base/setup_error.hpp"
#include "core/config/problems.hpp"

namespace junctor {

/// What goes wrong while several things are set up, told all at once.
class SetupProblems {
public:
    /// `source` as in `Configuration::source`: defaults have no place to point to.
    explicit SetupProblems(std::string source) : source_(std::move(source)) {}

    /// Runs `step`; its SetupError is kept with `where`, unless it says itself where.
    template <class Step>
    void attempt(const std::string& where, Step&& step) {
        try {
            step();
        } catch (const SetupError& problem) {
            add(where, problem.what());
        }
    }

    /// Runs `step`; the lines of its ConfigError are kept.
    template <class Step>
    void collect(Step&& step) {
        try {
            step();
        } catch (const config::ConfigError& problems) {
            lines_.insert(lines_.end(), problems.lines().begin(), problems.lines().end());
        }
    }

    /// Throws config::ConfigError if there was any.
    void throw_any() const {
        if (!lines_.empty()) throw config::ConfigError(lines_);
    }

private:
    void add(const std::string& where, const std::string& sentence) {
        const bool placed = source_ == "defaults" || sentence.starts_with(source_ + ":");
        lines_.push_back(placed ? sentence : where + ": " + sentence);
    }

    std::string source_;
    std::vector<std::string> lines_;
};

}  // namespace junctor
