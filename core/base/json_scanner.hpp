#pragma once

#include <bitset>

#include "core/base/json_reader.hpp"

namespace junctor {

/// One pass over a JSON text that says whether and where it breaks the rules. The stack of open brackets is one bit each.
class JsonScanner {
public:
    JsonScanner(std::string_view text, const JsonLimits& limits) noexcept;

    JsonErrc run() noexcept;
    std::size_t at() const noexcept { return at_; }

private:
    bool value() noexcept;
    bool follow() noexcept;
    bool open(char bracket) noexcept;
    bool leaf(char first) noexcept;
    bool name() noexcept;
    bool string() noexcept;
    bool character(char first) noexcept;
    bool escape() noexcept;
    bool code_point() noexcept;
    bool hex4(std::uint32_t& unit) noexcept;
    bool number() noexcept;
    bool digits() noexcept;
    bool word(std::string_view literal) noexcept;

    void skip_space() noexcept;
    void skip_plain() noexcept;
    char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool accept(char c) noexcept;
    bool in_object() const noexcept { return objects_[depth_ - 1]; }
    char closer() const noexcept { return in_object() ? '}' : ']'; }
    bool fail(JsonErrc error) noexcept;

    std::string_view text_;
    JsonLimits limits_;
    std::size_t at_ = 0;
    std::size_t values_ = 0;
    std::uint32_t depth_ = 0;
    JsonErrc error_ = JsonErrc::ok;
    std::bitset<JsonLimits::deepest_nesting> objects_;
};

}  // namespace junctor
