#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/bytes.hpp"

namespace junctor::zeromq {

/// What a DEALER or REQ asks for; the text of its first frame (README, "Request door").
enum class Op : std::uint8_t { publish, send, subscribe, unsubscribe, request, reply, ping, session, ack, end };

/// The first frame of what the gateway sends to a DEALER or REQ.
enum class Answer : std::uint8_t { ack, error, message, request, reply };

std::string_view to_string(Op op) noexcept;
std::string_view to_string(Answer answer) noexcept;

/// The client's own name for a request is echoed in the answer; longer ones are refused.
inline constexpr std::size_t max_id_bytes = 255;
/// `[delimiter][op][id][topic][body][headers]`: no message of ours has more frames.
inline constexpr std::size_t max_frames = 6;

/// `[op][id][topic or filter][body][headers]`; frames left out at the end are empty. Views into the frames.
struct Command {
    Op op = Op::ping;
    bool delimited = false;  ///< an empty frame stood in front (REQ): answers to it get one too
    Bytes id;
    std::string_view topic;
    Bytes body;
    Bytes headers;
};

/// A command, or why the frames are none: constant text for the client. `command` holds what could be read either way.
struct Decoded {
    Command command;
    std::string_view fault;  ///< empty: none
};

Decoded decode_command(std::span<const Bytes> frames) noexcept;

/// `[topic][body]` and perhaps `[headers]`: what PUB sends and SUB gets.
struct Publication {
    std::string_view topic;
    Bytes body;
    Bytes headers;
};

struct DecodedPublication {
    Publication publication;
    std::string_view fault;
};

DecodedPublication decode_publication(std::span<const Bytes> frames) noexcept;

/// What the client side reads: `[answer][id][topic][body][headers]`.
struct AnswerFrames {
    Answer answer = Answer::error;
    Bytes id;
    std::string_view topic;
    Bytes body;
    Bytes headers;
};

struct DecodedAnswer {
    AnswerFrames answer;
    std::string_view fault;
};

DecodedAnswer decode_answer(std::span<const Bytes> frames) noexcept;

}  // namespace junctor::zeromq
