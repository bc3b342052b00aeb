#include "tests/bench/generator/stamp.hpp"

#include <time.h>

#include <cstddef>

namespace bench {
namespace {

constexpr std::string_view marker = "#jb#";
constexpr std::size_t publisher_digits = 4;
constexpr std::size_t sequence_digits = 16;
constexpr std::size_t time_digits = 16;
constexpr std::size_t stamp_size = marker.size() + publisher_digits + sequence_digits + time_digits;
static_assert(stamp_size == 40);

void write_hex(std::uint64_t value, char* out, std::size_t digits) noexcept {
    for (std::size_t index = digits; index > 0; --index, value >>= 4) out[index - 1] = "0123456789abcdef"[value & 15];
}

std::uint64_t read_hex(const char* in, std::size_t digits) noexcept {
    std::uint64_t value = 0;
    for (std::size_t index = 0; index < digits; ++index) {
        const auto c = static_cast<unsigned char>(in[index]);
        value = value << 4 | (c <= '9' ? c - unsigned{'0'} : c - unsigned{'a'} + 10);
    }
    return value;
}

}  // namespace

void write_stamp(const Stamp& stamp, std::string& payload) noexcept {
    char* out = payload.data();
    marker.copy(out, marker.size());
    out += marker.size();
    write_hex(stamp.publisher, out, publisher_digits);
    out += publisher_digits;
    write_hex(stamp.sequence, out, sequence_digits);
    out += sequence_digits;
    write_hex(stamp.due_ns, out, time_digits);
}

std::optional<Stamp> find_stamp(std::string_view message) noexcept {
    const std::size_t at = message.starts_with(marker) ? 0 : message.find(marker);
    if (at == std::string_view::npos || message.size() - at < stamp_size) return std::nullopt;
    const char* in = message.data() + at + marker.size();
    Stamp stamp;
    stamp.publisher = static_cast<std::uint32_t>(read_hex(in, publisher_digits));
    in += publisher_digits;
    stamp.sequence = read_hex(in, sequence_digits);
    in += sequence_digits;
    stamp.due_ns = read_hex(in, time_digits);
    return stamp;
}

std::uint64_t now_ns() noexcept {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(time.tv_nsec);
}

}  // namespace bench
