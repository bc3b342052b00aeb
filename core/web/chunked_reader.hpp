#pragma once

#include <array>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/web/framing_guard.hpp"

namespace junctor::web {

/// Reads a chunked body (RFC 9112 section 7.1) strictly: extensions and trailers are read over and dropped, and may
/// together not exceed 1 KB. Sans-I/O.
class ChunkedReader {
public:
    static constexpr std::size_t max_overhead = 1'024;

    enum class Step : std::uint8_t { more, complete, refused };

    struct Result {
        Step step;
        std::size_t consumed;
    };

    /// Appends the data of `bytes` to `body`, at most until `body` holds `limit` bytes: more is refused with 413.
    Result read(Bytes bytes, ByteBuffer& body, std::size_t limit);

    /// After `refused`.
    const Refusal& refusal() const noexcept { return refusal_; }

private:
    enum class State : std::uint8_t { size, extension, size_lf, data, data_cr, data_lf, trailer, trailer_lf };

    Step take(std::uint8_t byte) noexcept;
    Step size_byte(std::uint8_t byte) noexcept;
    Step size_line_ended() noexcept;
    Step extension_byte(std::uint8_t byte) noexcept;
    Step expect(std::uint8_t byte, std::uint8_t wanted, State next) noexcept;
    Step trailer_byte(std::uint8_t byte) noexcept;
    Step trailer_ended(std::uint8_t byte) noexcept;
    Step refuse(unsigned status, std::string_view detail) noexcept;
    bool spend() noexcept { return ++overhead_ <= max_overhead; }

    State state_ = State::size;
    unsigned digits_ = 0;
    std::uint64_t left_ = 0;
    std::size_t overhead_ = 0;
    std::size_t line_size_ = 0;
    std::array<char, max_overhead> line_{};
    Refusal refusal_;
};

}  // namespace junctor::web
