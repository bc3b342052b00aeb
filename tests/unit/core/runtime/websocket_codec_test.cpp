#include "core/runtime/websocket_codec.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <string>

namespace junctor::ws_frames {
namespace {

constexpr MaskKey key{0x37, 0xfa, 0x21, 0x3d};
constexpr std::uint64_t no_limit = ~std::uint64_t{0};

/// A frame as a client sends it.
ByteBuffer client_frame(Opcode opcode, std::string_view payload, bool final = true) {
    FrameHeader header = frame_header(opcode, payload.size(), key);
    if (!final) header.bytes[0] &= 0x7f;
    ByteBuffer frame(header.view().begin(), header.view().end());
    append(frame, payload);
    apply_mask(std::span(frame).subspan(header.size), key);
    return frame;
}

ByteBuffer bytes_of(std::initializer_list<int> values) {
    ByteBuffer bytes;
    for (const int value : values) bytes.push_back(static_cast<std::uint8_t>(value));
    return bytes;
}

struct Outcome {
    std::string data;
    std::string controls;
    int messages = 0;
    bool failed = false;
    CloseCode code = CloseCode::normal;
};

/// Decodes `wire` as it arrives in pieces of `step` bytes.
Outcome decode(const ByteBuffer& wire, std::size_t step, std::uint64_t limit = no_limit, Role role = Role::server) {
    Decoder decoder(role);
    Outcome outcome;
    ByteBuffer pending;
    for (std::size_t at = 0; at < wire.size(); at += step) {
        append(pending, Bytes(wire).subspan(at, std::min(step, wire.size() - at)));
        std::span<std::uint8_t> input(pending);
        for (;;) {
            const Decoder::Event event = decoder.next(input, limit);
            if (event.kind == Decoder::Kind::failed) {
                outcome.failed = true;
                outcome.code = event.code;
                return outcome;
            }
            if (event.kind == Decoder::Kind::need_more) break;
            input = input.subspan(event.consumed);
            const std::string text(as_text(event.payload));
            (event.kind == Decoder::Kind::data ? outcome.data : outcome.controls) += text;
            outcome.messages += event.message_end;
        }
        pending = ByteBuffer(input.begin(), input.end());
    }
    return outcome;
}

TEST(WebSocketFrameHeader, TakesTheShortestForm) {
    EXPECT_EQ(frame_header(Opcode::text, 125).size, 2U);
    EXPECT_EQ(frame_header(Opcode::text, 126).size, 4U);
    EXPECT_EQ(frame_header(Opcode::text, 65'535).size, 4U);
    EXPECT_EQ(frame_header(Opcode::text, 65'536).size, 10U);
    EXPECT_EQ(frame_header(Opcode::text, 65'536, key).size, 14U);
    const FrameHeader header = frame_header(Opcode::binary, 256);
    EXPECT_EQ(ByteBuffer(header.view().begin(), header.view().end()), bytes_of({0x82, 126, 1, 0}));
}

TEST(WebSocketMask, AgreesWithThePlainRuleAtAnyPhaseAndSize) {
    for (std::size_t size = 0; size < 40; ++size) {
        for (std::size_t phase = 0; phase < 6; ++phase) {
            ByteBuffer bytes(size, 0x55);
            apply_mask(bytes, key, phase);
            for (std::size_t i = 0; i < size; ++i) EXPECT_EQ(bytes[i], 0x55 ^ key[(phase + i) % 4]);
        }
    }
}

TEST(WebSocketDecoder, ReadsTheExamplesOfRfc6455Section57) {
    const Outcome masked = decode(bytes_of({0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58}), 100);
    EXPECT_EQ(masked.data, "Hello");
    EXPECT_EQ(masked.messages, 1);
    const Outcome unmasked = decode(bytes_of({0x01, 0x03, 'H', 'e', 'l', 0x80, 0x02, 'l', 'o'}), 100, no_limit, Role::client);
    EXPECT_EQ(unmasked.data, "Hello");
    EXPECT_EQ(unmasked.messages, 1);
}

TEST(WebSocketDecoder, ReadsTheSameInWhateverPiecesItComes) {
    ByteBuffer wire = client_frame(Opcode::text, "frag", false);
    append(wire, client_frame(Opcode::ping, "in between"));
    append(wire, client_frame(Opcode::continuation, "", false));
    append(wire, client_frame(Opcode::continuation, "mented"));
    append(wire, client_frame(Opcode::binary, std::string(70'000, 'b')));
    for (const std::size_t step : {1UL, 2UL, 3UL, 7UL, 1'000UL, 100'000UL}) {
        const Outcome outcome = decode(wire, step);
        EXPECT_EQ(outcome.data, "fragmented" + std::string(70'000, 'b')) << step;
        EXPECT_EQ(outcome.controls, "in between");
        EXPECT_EQ(outcome.messages, 2);
    }
}

TEST(WebSocketDecoder, AnEmptyMessageIsAMessage) { EXPECT_EQ(decode(client_frame(Opcode::binary, ""), 1).messages, 1); }

struct Broken {
    const char* what;
    ByteBuffer wire;
};

class WebSocketViolations : public testing::TestWithParam<Broken> {};

TEST_P(WebSocketViolations, FailAsProtocolErrors) {
    for (const std::size_t step : {1UL, 100UL}) {
        const Outcome outcome = decode(GetParam().wire, step);
        EXPECT_TRUE(outcome.failed);
        EXPECT_EQ(outcome.code, CloseCode::protocol_error);
        EXPECT_EQ(outcome.data, "");
    }
}

ByteBuffer changed_first_byte(ByteBuffer frame, int first) {
    frame[0] = static_cast<std::uint8_t>(first);
    return frame;
}

INSTANTIATE_TEST_SUITE_P(
    Table, WebSocketViolations,
    testing::Values(Broken{"unmasked", bytes_of({0x81, 0x01, 'x'})},
                    Broken{"reserved_bit_1", changed_first_byte(client_frame(Opcode::text, "x"), 0xc1)},
                    Broken{"reserved_bit_2", changed_first_byte(client_frame(Opcode::text, "x"), 0xa1)},
                    Broken{"reserved_bit_3", changed_first_byte(client_frame(Opcode::text, "x"), 0x91)},
                    Broken{"unknown_data_opcode", changed_first_byte(client_frame(Opcode::text, "x"), 0x83)},
                    Broken{"unknown_control_opcode", changed_first_byte(client_frame(Opcode::text, "x"), 0x8b)},
                    Broken{"fragmented_control", changed_first_byte(client_frame(Opcode::ping, "x"), 0x09)},
                    Broken{"long_control", client_frame(Opcode::ping, std::string(126, 'x'))},
                    Broken{"continuation_of_nothing", client_frame(Opcode::continuation, "x")},
                    Broken{"length_over_63_bits", bytes_of({0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4})},
                    Broken{"16_bit_length_not_needed", bytes_of({0x82, 0xfe, 0, 125, 1, 2, 3, 4})},
                    Broken{"64_bit_length_not_needed", bytes_of({0x82, 0xff, 0, 0, 0, 0, 0, 0, 255, 255, 1, 2, 3, 4})}),
    [](const auto& row) { return row.param.what; });

TEST(WebSocketDecoder, ANewMessageInsideAnotherIsAViolation) {
    ByteBuffer wire = client_frame(Opcode::text, "begin", false);
    append(wire, client_frame(Opcode::text, "again"));
    const Outcome outcome = decode(wire, 100);
    EXPECT_TRUE(outcome.failed);
    EXPECT_EQ(outcome.data, "begin");
}

TEST(WebSocketDecoder, AServerThatMasksBreaksTheRulesForAClient) {
    EXPECT_TRUE(decode(client_frame(Opcode::text, "x"), 100, no_limit, Role::client).failed);
}

TEST(WebSocketDecoder, Threat15TheLimitCountsAnnouncedBytesOfAllFragments) {
    EXPECT_FALSE(decode(client_frame(Opcode::text, "12345678"), 1, 8).failed);
    const Outcome single = decode(client_frame(Opcode::text, "123456789"), 1, 8);
    EXPECT_TRUE(single.failed);
    EXPECT_EQ(single.code, CloseCode::too_big);
    EXPECT_EQ(single.data, "") << "refused by its header";
    ByteBuffer fragments = client_frame(Opcode::text, "12345", false);
    append(fragments, client_frame(Opcode::continuation, "6789"));
    EXPECT_EQ(decode(fragments, 100, 8).code, CloseCode::too_big);
    EXPECT_FALSE(decode(fragments, 100, 9).failed);
    const Outcome huge = decode(bytes_of({0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4}), 100, 8);
    EXPECT_EQ(huge.code, CloseCode::too_big);
}

TEST(WebSocketCloseCodes, ThoseOfRfc6455AndTheRegisteredRanges) {
    for (const int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999})
        EXPECT_TRUE(valid_close_code(static_cast<std::uint16_t>(code))) << code;
    for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535})
        EXPECT_FALSE(valid_close_code(static_cast<std::uint16_t>(code))) << code;
}

}  // namespace
}  // namespace junctor::ws_frames
