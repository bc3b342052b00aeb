#pragma once

#include <string>

#include "core/config/schema.hpp"

namespace junctor::config {

/// Fills a Section; validation's only way in.
class SectionBuilder {
public:
    using Value = Section::Value;

    explicit SectionBuilder(std::string where) { section_.where_ = std::move(where); }

    void set(const std::string& name, Value value) {
        if (!value.sound) spoil();
        section_.values_[name] = std::move(value);
    }
    /// Something in it was reported.
    void spoil() { section_.sound_ = false; }
    Section take() { return std::move(section_); }

private:
    Section section_;
};

}  // namespace junctor::config
