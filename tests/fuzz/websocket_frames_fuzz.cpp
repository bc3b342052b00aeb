// WebSocket frames: any bytes, in any pieces, end in the same payload and never in undefined behaviour.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "core/runtime/websocket_close.hpp"
#include "core/runtime/websocket_codec.hpp"

namespace {

using junctor::ByteBuffer;
using junctor::ws_frames::Decoder;
using junctor::ws_frames::Opcode;

constexpr std::uint64_t message_limit = 4'096;

/// What the decoder makes of `wire` when it comes in pieces of `step` bytes: all payload in order, then a mark for failure.
ByteBuffer decode(junctor::Bytes wire, std::size_t step, junctor::ws_frames::Role role) {
    Decoder decoder(role);
    ByteBuffer result;
    ByteBuffer pending;
    for (std::size_t at = 0; at < wire.size(); at += step) {
        junctor::append(pending, wire.subspan(at, std::min(step, wire.size() - at)));
        std::span<std::uint8_t> input(pending);
        for (;;) {
            const Decoder::Event event = decoder.next(input, message_limit);
            if (event.kind == Decoder::Kind::need_more) break;
            if (event.kind == Decoder::Kind::failed) {
                junctor::append(result, "failed");
                return result;
            }
            if (event.consumed > input.size()) std::abort();
            if (event.opcode == Opcode::close) junctor::ws_frames::received_close_code(event.payload);
            junctor::append(result, junctor::Bytes(event.payload));
            input = input.subspan(event.consumed);
        }
        pending = ByteBuffer(input.begin(), input.end());
        // What waits is less than a header and a control frame: the decoder holds nothing back.
        if (pending.size() > junctor::ws_frames::max_header_bytes + junctor::ws_frames::max_control_payload) std::abort();
    }
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto role = data[0] % 2 == 0 ? junctor::ws_frames::Role::server : junctor::ws_frames::Role::client;
    const junctor::Bytes wire(data + 2, size - 2);
    const std::size_t step = std::size_t{1} + data[1];
    if (decode(wire, step, role) != decode(wire, size, role)) std::abort();
    return 0;
}
