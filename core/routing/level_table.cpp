#include "core/routing/level_table.hpp"

#include <cstring>

#include "core/base/hash.hpp"

namespace junctor {
namespace {

std::uint32_t hash_of(std::string_view text) noexcept { return static_cast<std::uint32_t>(hash_text(text)); }

}  // namespace

char* LevelTable::Level::pointer() const noexcept {
    char* at;
    std::memcpy(&at, bytes.data(), sizeof at);
    return at;
}

void LevelTable::Level::set(std::string_view text) {
    size = static_cast<std::uint16_t>(text.size());
    char* at = bytes.data();
    if (size > in_place) {
        at = new char[size];
        std::memcpy(bytes.data(), &at, sizeof at);
    }
    if (size > 0) std::memcpy(at, text.data(), size);
}

void LevelTable::Level::clear() noexcept {
    if (size > in_place) delete[] pointer();
    size = 0;
}

LevelTable::~LevelTable() {
    index_.for_each([this](std::uint32_t handle) { levels_[handle].clear(); });
}

std::uint32_t LevelTable::find(std::string_view text) const noexcept {
    return index_.find(hash_of(text), [&](std::uint32_t handle) { return levels_[handle].text() == text; });
}

std::uint32_t LevelTable::acquire(std::string_view text) {
    std::uint32_t handle = find(text);
    if (handle == 0) {
        handle = levels_.add();
        levels_[handle].set(text);
        index_.add(hash_of(text), handle);
    }
    ++levels_[handle].references;
    return handle;
}

void LevelTable::release(std::uint32_t handle) noexcept {
    Level& level = levels_[handle];
    if (--level.references > 0) return;
    index_.remove(hash_of(level.text()), handle);
    level.clear();
    levels_.remove(handle);
}

}  // namespace junctor
