#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"
#include "core/model/history_position.hpp"

namespace junctor::websocket {

/// What a frame is; its `op`. Clients send those up to `ping` and `ack`, the gateway the rest, `reply` and `history`.
enum class Op : std::uint8_t {
    auth,
    hello,
    session,
    end,
    subscribe,
    unsubscribe,
    publish,
    send,
    request,
    reply,
    history,
    ping,
    pong,
    ack,
    challenge,
    error,
    message,
};

inline constexpr std::size_t op_count = static_cast<std::size_t>(Op::message) + 1;

/// `subscribe`, ...: as it stands in `op`.
std::string_view to_string(Op op) noexcept;

struct HeaderView {
    std::string_view name;
    std::string_view value;

    friend bool operator==(const HeaderView&, const HeaderView&) = default;
};

/// What a client shows of itself in an `auth`; its data, and that of a challenge, stand in `Message::data`. All of it views.
struct Shown {
    std::string_view token;
    std::string_view user;
    std::optional<std::string_view> password;
    std::string_view method;  ///< SASL mechanism

    bool begins() const noexcept { return !token.empty() || !user.empty() || password || !method.empty(); }
};

/// The fields that describe a message, in whichever operation they stand. All of it views.
struct Message {
    std::string_view topic;
    Bytes data;
    std::string_view content_type;
    std::vector<HeaderView> headers;  ///< in order, duplicates kept
    std::string_view reply_to;
    Bytes correlation;
    std::optional<Duration> ttl;
    std::uint8_t qos = 0;
    bool retain = false;
    std::uint64_t sequence = 0;  ///< of a durable session: what an `ack` names; 0: none
    bool repeat = false;         ///< it may have come before
    std::string_view event{};    ///< a CloudEvent, as JSON, that says what stands for data, content type, headers and addresses; empty: none
    HistoryPosition place{};     ///< in its history; offset 0: none
};

/// One frame of the protocol, in either direction. All of it views.
struct Operation {
    Op op = Op::ping;
    std::string_view id{};      ///< a JSON number or string exactly as written, quotes included; empty: none
    std::string_view name{};    ///< hello, session
    std::string_view filter{};  ///< subscribe, unsubscribe
    Shown shown{};              ///< auth
    Message message{};
    std::optional<Duration> timeout{};  ///< request
    std::optional<Duration> expiry{};   ///< session
    std::uint32_t window = 0;           ///< session: most that it wants unacknowledged; 0: as the gateway likes
    bool clean = false;                 ///< session: what is kept under the name goes first
    std::optional<bool> resumed{};      ///< ack of a session: what was kept is there
    std::string_view from{};            ///< subscribe, history: `first` or `now`
    std::optional<HistoryPosition> position{};  ///< subscribe, history: begin after it; ack, history: what follows comes after it
    std::uint32_t limit = 0;            ///< history: most messages
    std::string_view resume{};          ///< ack of a subscribe that begins in a history, history: `exact`, `gap` or `none`
    std::optional<std::uint64_t> last{};  ///< history: the offset at its end
    std::string_view messages{};        ///< history: an array of `message` objects, as written
    std::string_view code{};            ///< error
    std::string_view reason{};          ///< error
};

}  // namespace junctor::websocket
