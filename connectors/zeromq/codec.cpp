#include "connectors/zeromq/codec.hpp"

#include <algorithm>

namespace junctor::zeromq {
namespace {

constexpr std::array<std::string_view, 10> op_names{"publish", "send", "subscribe", "unsubscribe", "request", "reply", "ping", "session", "ack", "end"};
constexpr std::array<std::string_view, 5> answer_names{"ack", "error", "message", "request", "reply"};

template <class Enum, std::size_t count>
bool find_name(const std::array<std::string_view, count>& names, Bytes frame, Enum& out) noexcept {
    const auto found = std::find(names.begin(), names.end(), as_text(frame));
    if (found == names.end()) return false;
    out = static_cast<Enum>(found - names.begin());
    return true;
}

Bytes frame_or_empty(std::span<const Bytes> frames, std::size_t index) noexcept {
    return index < frames.size() ? frames[index] : Bytes{};
}

}  // namespace

std::string_view to_string(Op op) noexcept { return op_names[static_cast<std::size_t>(op)]; }
std::string_view to_string(Answer answer) noexcept { return answer_names[static_cast<std::size_t>(answer)]; }

Decoded decode_command(std::span<const Bytes> frames) noexcept {
    Decoded decoded;
    Command& command = decoded.command;
    command.delimited = !frames.empty() && frames.front().empty();
    if (command.delimited) frames = frames.subspan(1);
    const Bytes id = frame_or_empty(frames, 1);
    if (id.size() <= max_id_bytes) command.id = id;
    command.topic = as_text(frame_or_empty(frames, 2));
    command.body = frame_or_empty(frames, 3);
    command.headers = frame_or_empty(frames, 4);

    if (frames.empty()) decoded.fault = "no op frame";
    else if (frames.size() > 5) decoded.fault = "more than 5 frames";
    else if (id.size() > max_id_bytes) decoded.fault = "the id frame is longer than 255 bytes";
    else if (!find_name(op_names, frames.front(), command.op)) decoded.fault = "unknown op";
    return decoded;
}

DecodedPublication decode_publication(std::span<const Bytes> frames) noexcept {
    DecodedPublication decoded;
    decoded.publication = {as_text(frame_or_empty(frames, 0)), frame_or_empty(frames, 1), frame_or_empty(frames, 2)};
    if (frames.empty()) decoded.fault = "no topic frame";
    else if (frames.size() > 3) decoded.fault = "more than 3 frames";
    return decoded;
}

DecodedAnswer decode_answer(std::span<const Bytes> frames) noexcept {
    DecodedAnswer decoded;
    AnswerFrames& answer = decoded.answer;
    if (frames.size() != 5) {
        decoded.fault = "not 5 frames";
        return decoded;
    }
    if (!find_name(answer_names, frames.front(), answer.answer)) decoded.fault = "unknown answer";
    answer.id = frames[1];
    answer.topic = as_text(frames[2]);
    answer.body = frames[3];
    answer.headers = frames[4];
    return decoded;
}

}  // namespace junctor::zeromq
