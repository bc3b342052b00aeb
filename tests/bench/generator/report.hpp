#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace bench {

/// Figures by name, printed as one line of JSON.
class Report {
public:
    void add(const char* name, double value) {
        char text[64];
        std::snprintf(text, sizeof(text), "%.6g", value);
        append(name, text);
    }
    void add(const char* name, std::uint64_t value) { append(name, std::to_string(value)); }

    std::string json() const { return "{" + fields_ + "}"; }

private:
    void append(const char* name, const std::string& value) {
        if (!fields_.empty()) fields_ += ", ";
        fields_.append("\"").append(name).append("\": ").append(value == "nan" || value == "inf" ? "null" : value);
    }

    std::string fields_;
};

}  // namespace bench
