#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/json_reader.hpp"

namespace junctor::vertx {

/// The two event bus bridges speak of the same things in two tongues: what the server delivers is a `message` over TCP, a `rec` over
/// SockJS, and errors differ (vertx-tcp-eventbus-bridge, vertx-web SockJS bridge).
enum class Dialect : std::uint8_t { tcp, sockjs };

/// The first five are a client's, the others a server's.
enum class Type : std::uint8_t { send, publish, register_handler, unregister_handler, ping, message, err, pong };

enum class Sender : std::uint8_t { client, server };

struct HeaderView {
    std::string_view name;
    std::string_view value;

    friend bool operator==(const HeaderView&, const HeaderView&) = default;
};

/// One frame. Views of its text or of whoever fills it in.
struct Frame {
    Type type = Type::ping;
    std::string_view address{};
    std::string_view reply_address{};
    std::string_view body{};            ///< JSON as written; empty: there is none
    std::vector<HeaderView> headers{};  ///< values that are no strings as their JSON
    std::optional<std::int64_t> timeout_ms{};  ///< for writing: how long an answer is waited for, a header that Vert.x takes as a number alone
    bool is_send = false;               ///< message: it goes to one receiver
    std::optional<std::int64_t> failure_code{};
    std::string_view failure_type{};
    std::string_view message{};         ///< err, and a client's failing answer: why. The `body` of a SockJS err is one as well
    std::string_view source_address{};
};

/// What is wrong with a frame; the label under which it is counted.
enum class FaultKind : std::uint8_t { bad_json, too_deep, bad_utf8, too_large, missing_type, unknown_type, missing_address, bad_field };

inline constexpr std::size_t fault_kind_count = static_cast<std::size_t>(FaultKind::bad_field) + 1;

std::string_view to_string(FaultKind kind) noexcept;

struct DecodeLimits {
    std::uint32_t nesting = 64;
    std::uint32_t headers = 256;
    std::size_t bytes = 8 << 20;
};

/// Turns a frame's text into its fields. Keeps a buffer for what has to be unescaped, so use it again and again.
class FrameDecoder {
public:
    FrameDecoder(Sender sender, const DecodeLimits& limits) noexcept : sender_(sender), limits_(limits) {}

    /// What `out` shows lives in `text` and in this decoder, until the next call. Unknown members are passed over, as Vert.x does.
    std::optional<FaultKind> decode(std::string_view text, Frame& out) noexcept;

private:
    std::optional<FaultKind> read(const JsonValue& name, const JsonValue& value, Frame& out) noexcept;
    std::optional<FaultKind> read_type(const JsonValue& value, Frame& out) noexcept;
    std::optional<FaultKind> read_text(const JsonValue& value, std::string_view& out) noexcept;
    std::optional<FaultKind> read_headers(const JsonValue& value, Frame& out) noexcept;
    std::optional<FaultKind> check(Frame& out) const noexcept;
    std::string_view decoded(const JsonValue& string) noexcept;

    Sender sender_;
    DecodeLimits limits_;
    ByteBuffer unescaped_;
    bool has_type_ = false;
};

/// Appends a frame's JSON. Fields that are empty or absent do not appear, except where clients of Vert.x are used to them: a `message` has
/// headers, a `rec` a body.
void append_frame(ByteBuffer& to, const Frame& frame, Dialect dialect = Dialect::tcp);

/// The same behind its length, as it stands on TCP.
void append_framed(ByteBuffer& to, const Frame& frame);

/// In front of each frame on TCP.
inline constexpr std::size_t length_bytes = 4;

/// What a length of TCP says, before anything is kept for it.
struct Split {
    enum class Status : std::uint8_t { incomplete, complete, too_large };

    Status status = Status::incomplete;
    std::string_view text{};
    std::size_t consumed = 0;
};

/// The first frame of `bytes`: four bytes of length (big-endian), then that much JSON.
Split split_frame(Bytes bytes, std::size_t limit) noexcept;

}  // namespace junctor::vertx
