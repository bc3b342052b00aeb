#pragma once

#include <array>
#include <string_view>

#include "core/base/hash_index.hpp"
#include "core/base/node_pool.hpp"

namespace junctor {

/// The level strings of one core's filters, each held once and named by a 32-bit handle that never leaves the core.
class LevelTable {
public:
    LevelTable() = default;
    ~LevelTable();
    LevelTable(const LevelTable&) = delete;
    LevelTable& operator=(const LevelTable&) = delete;

    /// The handle of `text`, made if need be; holds one reference more.
    std::uint32_t acquire(std::string_view text);
    void release(std::uint32_t handle) noexcept;
    /// 0 when no filter holds this level.
    std::uint32_t find(std::string_view text) const noexcept;
    std::string_view text(std::uint32_t handle) const noexcept { return levels_[handle].text(); }
    std::size_t size() const noexcept { return levels_.size(); }

private:
    /// Short texts stand in place, longer ones behind a pointer that the first bytes hold.
    struct Level {
        static constexpr std::size_t in_place = 18;

        std::string_view text() const noexcept { return {size > in_place ? pointer() : bytes.data(), size}; }
        char* pointer() const noexcept;
        void set(std::string_view text);
        void clear() noexcept;

        std::uint32_t references = 0;
        std::uint16_t size = 0;
        std::array<char, in_place> bytes;
    };
    static_assert(sizeof(Level) == 24);

    NodePool<Level, &Level::references> levels_;
    HashIndex index_;
};

}  // namespace junctor
