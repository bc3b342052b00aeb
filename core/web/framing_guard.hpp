#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"

namespace junctor::web {

/// Why bytes are not a request that we take. The connection closes after the answer: what follows cannot be told apart.
struct Refusal {
    unsigned status = 0;     ///< the HTTP status to answer
    std::string_view detail; ///< constant text for people
};

/// How a request that passed the guard is framed.
struct Framing {
    enum class Body : std::uint8_t { none, length, chunked };

    Body body = Body::none;
    std::uint64_t length = 0;       ///< Body::length
    bool http11 = true;             ///< else HTTP/1.0
    bool keep_alive = true;         ///< the connection may serve another request
    bool expects_continue = false;  ///< RFC 9110 section 10.1.1
};

/// Stands in front of the HTTP parser and refuses every head that two readers could frame differently (DESIGN 7.6): request
/// smuggling lives there. Sans-I/O, no allocation, one pass however the bytes arrive.
class FramingGuard {
public:
    static constexpr std::size_t max_head = 16 << 10;
    static constexpr std::size_t max_request_line = 8 << 10;
    static constexpr unsigned max_fields = 100;

    enum class Step : std::uint8_t { more, complete, refused };

    /// Looks at the bytes that are new. `bytes` always begins where the request begins.
    Step scan(Bytes bytes) noexcept;

    /// After `complete`: the size of the head with its empty line, and how the body is framed.
    std::size_t head_size() const noexcept { return scanned_; }
    const Framing& framing() const noexcept { return framing_; }
    /// After `refused`.
    const Refusal& refusal() const noexcept { return refusal_; }

private:
    bool check_byte(Bytes bytes) noexcept;
    bool line_ended(std::string_view line) noexcept;
    bool request_line(std::string_view line) noexcept;
    bool version(std::string_view text) noexcept;
    bool field_line(std::string_view line) noexcept;
    bool framing_field(std::string_view name, std::string_view value) noexcept;
    bool content_length(std::string_view value) noexcept;
    bool transfer_encoding(std::string_view value) noexcept;
    bool host(std::string_view value) noexcept;
    void connection(std::string_view value) noexcept;
    bool head_ended() noexcept;
    bool refuse(unsigned status, std::string_view detail) noexcept;

    std::size_t scanned_ = 0;
    std::size_t line_start_ = 0;
    unsigned fields_ = 0;
    Framing framing_;
    Refusal refusal_;
    bool have_request_line_ = false;
    bool have_host_ = false;
    bool have_length_ = false;
    bool have_encoding_ = false;
    bool asked_close_ = false;
    bool asked_keep_alive_ = false;
    bool complete_ = false;
};

}  // namespace junctor::web
