#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace junctor::rest {

/// A server-sent event (HTML Living Standard, section 9.2).
struct SseEvent {
    std::string event;  ///< its type; empty: `message`
    std::string data;
    std::string id;

    friend bool operator==(const SseEvent&, const SseEvent&) = default;
};

/// Appends one event. Every line of `data` gets its own field, so that nothing in it can end the event or start another; a
/// CR or CR LF inside becomes a line break, as on every reader. Line breaks in `event` and `id` are left out.
void append_sse_event(ByteBuffer& to, const SseEvent& event);

/// Reads events out of a stream that arrives in any pieces.
class SseDecoder {
public:
    explicit SseDecoder(std::size_t limit = 16 << 20) noexcept : limit_(limit) {}

    void feed(std::string_view text);
    /// The next complete event; nothing when more bytes are needed.
    std::optional<SseEvent> next();
    /// A line or an event is over the limit; nothing more comes.
    bool too_large() const noexcept { return too_large_; }

private:
    void skip_byte_order_mark() noexcept;
    std::optional<std::string_view> next_line() noexcept;
    void take_field(std::string_view line);
    std::optional<SseEvent> take_event();

    std::size_t limit_;
    std::string buffer_;
    std::size_t at_ = 0;
    SseEvent event_;
    bool has_data_ = false;
    bool begun_ = false;      ///< the byte order mark is behind us
    bool too_large_ = false;
};

}  // namespace junctor::rest
