#include "core/runtime/websocket_close.hpp"

#include <gtest/gtest.h>

#include <string>

namespace junctor::ws_frames {
namespace {

struct Row {
    CloseReason reason;
    CloseCode code;
};

constexpr Row table[] = {
    {CloseReason::normal, CloseCode::normal},
    {CloseReason::connection_lost, CloseCode::going_away},
    {CloseReason::malformed, CloseCode::invalid_payload},
    {CloseReason::protocol_error, CloseCode::protocol_error},
    {CloseReason::too_large, CloseCode::too_big},
    {CloseReason::handshake_timeout, CloseCode::policy_violation},
    {CloseReason::idle_timeout, CloseCode::going_away},
    {CloseReason::not_authenticated, CloseCode::policy_violation},
    {CloseReason::not_authorized, CloseCode::policy_violation},
    {CloseReason::taken_over, CloseCode::policy_violation},
    {CloseReason::slow_consumer, CloseCode::policy_violation},
    {CloseReason::quota_exceeded, CloseCode::policy_violation},
    {CloseReason::overloaded, CloseCode::try_again_later},
    {CloseReason::server_shutdown, CloseCode::going_away},
    {CloseReason::administrative, CloseCode::policy_violation},
    {CloseReason::name_kept, CloseCode::policy_violation},
    {CloseReason::internal_error, CloseCode::internal_error},
};

TEST(WebSocketClose, EveryReasonHasItsCode) {
    static_assert(std::size(table) == close_reason_count);
    for (std::size_t i = 0; i < close_reason_count; ++i) {
        EXPECT_EQ(static_cast<std::size_t>(table[i].reason), i);
        EXPECT_EQ(close_code(table[i].reason), table[i].code) << to_string(table[i].reason);
        EXPECT_TRUE(valid_close_code(static_cast<std::uint16_t>(close_code(table[i].reason))));
    }
}

TEST(WebSocketClose, ALongTextIsCutAtACharacterAndStaysValid) {
    std::string text(122, 'a');
    text += "\xc3\xa4";  // one character of two bytes that would be torn at 123
    const ClosePayload payload = close_payload(CloseCode::policy_violation, text);
    EXPECT_EQ(payload.size, 124U);
    EXPECT_EQ(received_close_code(payload.view()), 1008);
}

TEST(WebSocketClose, WhatAPeerMaySay) {
    const ByteBuffer one{3};
    const ByteBuffer reserved{3, 0xed};
    const ByteBuffer torn{3, 0xe8, 0xc3};
    const ByteBuffer fine{3, 0xe8, 'b', 'y', 'e'};
    EXPECT_EQ(received_close_code({}), 1005);
    EXPECT_EQ(received_close_code(fine), 1000);
    EXPECT_EQ(received_close_code(one), std::nullopt);
    EXPECT_EQ(received_close_code(reserved), std::nullopt);
    EXPECT_EQ(received_close_code(torn), std::nullopt);
}

}  // namespace
}  // namespace junctor::ws_frames
