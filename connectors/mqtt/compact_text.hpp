#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace junctor::mqtt {

/// Text of at most 65,535 bytes in one pointer: a client identifier is kept for as long as its connection is idle.
class CompactText {
public:
    CompactText() = default;
    explicit CompactText(std::string_view text) : bytes_(std::make_unique<char[]>(sizeof(std::uint16_t) + text.size())) {
        const auto size = static_cast<std::uint16_t>(text.size());
        std::memcpy(bytes_.get(), &size, sizeof size);
        if (size > 0) std::memcpy(bytes_.get() + sizeof size, text.data(), size);
    }

    std::string_view view() const noexcept {
        if (!bytes_) return {};
        std::uint16_t size = 0;
        std::memcpy(&size, bytes_.get(), sizeof size);
        return {bytes_.get() + sizeof size, size};
    }

private:
    std::unique_ptr<char[]> bytes_;
};

}  // namespace junctor::mqtt
