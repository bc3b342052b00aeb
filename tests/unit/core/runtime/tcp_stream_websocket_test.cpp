#include <limits>

#include "core/runtime/tcp_stream.hpp"
#include "core/runtime/websocket_codec.hpp"
#include "tests/unit/core/runtime/stream_fixture.hpp"

namespace junctor {
namespace {

using ws_frames::CloseCode;
using ws_frames::Decoder;
using ws_frames::Opcode;

constexpr ws_frames::MaskKey key{1, 2, 3, 4};

std::string frame(Opcode opcode, std::string payload, bool final = true) {
    ws_frames::FrameHeader header = ws_frames::frame_header(opcode, payload.size(), key);
    if (!final) header.bytes[0] &= 0x7f;
    ws_frames::apply_mask({reinterpret_cast<std::uint8_t*>(payload.data()), payload.size()}, key);
    return std::string(as_text(header.view())) + payload;
}

std::string server_frame(Opcode opcode, std::string_view payload) {
    return std::string(as_text(ws_frames::frame_header(opcode, payload.size()).view())) + std::string(payload);
}

/// The code of the close frame at the end of `wire`; 0 without one.
int close_code_in(std::string wire) {
    Decoder decoder(ws_frames::Role::client);
    std::span<std::uint8_t> input(reinterpret_cast<std::uint8_t*>(wire.data()), wire.size());
    for (;;) {
        const Decoder::Event event = decoder.next(input, std::numeric_limits<std::uint64_t>::max());
        if (event.kind == Decoder::Kind::need_more || event.kind == Decoder::Kind::failed) return 0;
        input = input.subspan(event.consumed);
        if (event.kind != Decoder::Kind::control || event.opcode != Opcode::close) continue;
        return event.payload.size() < 2 ? 1005 : event.payload[0] << 8 | event.payload[1];
    }
}

class WebSocketStreamTest : public StreamFixture {
public:
    /// A connection that has asked to upgrade; `handler` is the protocol behind it.
    std::unique_ptr<PeerSocket> upgrade(WebSocketMode mode, bool text = false, std::string_view behind = {}) {
        auto peer = connect();
        handler->on_received = [this, mode, text](Bytes bytes) {
            const std::size_t end = as_text(bytes).find("|") + 1;
            ScriptedHandler& first = *handler;
            first.stream.send(as_bytes("101;"));
            first.stream.established();
            auto next = std::make_unique<ScriptedHandler>(first.stream, seen);
            handler = next.get();
            if (prepare_next) prepare_next();
            first.stream.become_websocket(mode, text, std::move(next));
            return end;
        };
        peer->send("UPGRADE|" + std::string(behind));
        settle();
        EXPECT_EQ(peer->read().substr(0, 4), "101;");
        seen.bytes.clear();
        seen.calls.erase(seen.calls.begin());
        return peer;
    }

    std::function<void()> prepare_next;
};

TEST_F(WebSocketStreamTest, FramesRightBehindTheUpgradeBelongToTheNewProtocol) {
    const auto peer = upgrade(WebSocketMode::messages, true, frame(Opcode::text, "early"));
    EXPECT_EQ(seen.calls, (std::vector<std::string>{"early"}));
}

TEST_F(WebSocketStreamTest, MessagesComeWholeAndEverySendIsOneFrame) {
    const auto peer = upgrade(WebSocketMode::messages, true);
    peer->send(frame(Opcode::text, "one") + frame(Opcode::text, "tw", false) + frame(Opcode::continuation, "o") + frame(Opcode::text, ""));
    settle();
    EXPECT_EQ(seen.calls, (std::vector<std::string>{"one", "two", ""}));
    handler->stream.send(as_bytes("first"));
    handler->stream.send(as_bytes("he"), as_bytes("ad"), {as_bytes(" tail"), nullptr, nullptr});
    settle();
    EXPECT_EQ(peer->read(), server_frame(Opcode::text, "first") + server_frame(Opcode::text, "head tail"));
}

TEST_F(WebSocketStreamTest, MessagesMayComeByteByByte) {
    const auto peer = upgrade(WebSocketMode::messages, true);
    const std::string wire = frame(Opcode::text, "slow") + frame(Opcode::ping, "p") + frame(Opcode::text, "ly");
    for (const char byte : wire) {
        peer->send({&byte, 1});
        settle();
    }
    EXPECT_EQ(seen.calls, (std::vector<std::string>{"slow", "ly"}));
    EXPECT_EQ(peer->read(), server_frame(Opcode::pong, "p"));
}

TEST_F(WebSocketStreamTest, AByteStreamKnowsNoFrameBorders) {
    const auto peer = upgrade(WebSocketMode::byte_stream);
    handler->on_received = [](Bytes bytes) { return bytes.size() / 4 * 4; };
    peer->send(frame(Opcode::binary, "abcdef") + frame(Opcode::ping, "") + frame(Opcode::binary, "g", false) + frame(Opcode::continuation, "hij"));
    settle();
    peer->send(frame(Opcode::binary, "kl"));
    settle();
    EXPECT_EQ(seen.bytes, "abcdefghijkl");
    EXPECT_EQ(peer->read(), server_frame(Opcode::pong, ""));
}

TEST_F(WebSocketStreamTest, ALargeFrameStreamsThroughInParts) {
    const auto peer = upgrade(WebSocketMode::byte_stream);
    const std::string wire = frame(Opcode::binary, std::string(1 << 20, 'y'));
    for (std::size_t at = 0; at < wire.size(); at += 50'000) {
        peer->send(std::string_view(wire).substr(at, 50'000));
        settle();
    }
    EXPECT_EQ(seen.bytes, std::string(1 << 20, 'y'));
    EXPECT_GT(seen.calls.size(), 10U);
}

TEST_F(WebSocketStreamTest, ManySmallFramesReachAByteStreamAsOnePiece) {
    const auto peer = upgrade(WebSocketMode::byte_stream);
    std::string wire;
    for (int i = 0; i < 100; ++i) wire += frame(Opcode::binary, "0123456789");
    peer->send(wire);
    settle();
    EXPECT_EQ(seen.calls.size(), 1U);
    EXPECT_EQ(seen.bytes.size(), 1'000U);
}

TEST_F(WebSocketStreamTest, AMessageOverTheLimitClosesWith1009BeforeItIsRead) {
    const auto peer = upgrade(WebSocketMode::messages, true);
    handler->limit = 100;
    peer->send(frame(Opcode::text, std::string(101, 'x')).substr(0, 20));
    settle();
    EXPECT_EQ(seen.closed, CloseReason::too_large);
    EXPECT_EQ(close_code_in(peer->read()), 1009);
    EXPECT_TRUE(seen.calls.empty());
}

TEST_F(WebSocketStreamTest, TextThatIsNotUtf8ClosesWith1007) {
    const auto peer = upgrade(WebSocketMode::messages, true);
    peer->send(frame(Opcode::text, "\xc3", false) + frame(Opcode::continuation, "\xa4") + frame(Opcode::text, "\xc3") + frame(Opcode::text, "no"));
    settle();
    EXPECT_EQ(seen.calls, (std::vector<std::string>{"\xc3\xa4"}));
    EXPECT_EQ(seen.closed, CloseReason::malformed);
    EXPECT_EQ(close_code_in(peer->read()), 1007);
}

TEST_F(WebSocketStreamTest, ABrokenFrameClosesWith1002AfterWhatCameBeforeIt) {
    const auto peer = upgrade(WebSocketMode::byte_stream);
    peer->send(frame(Opcode::binary, "good") + "\x82\x01x");
    settle();
    EXPECT_EQ(seen.bytes, "good");
    EXPECT_EQ(seen.closed, CloseReason::protocol_error);
    EXPECT_EQ(close_code_in(peer->read()), 1002);
}

TEST_F(WebSocketStreamTest, BinaryWhereTextIsSpokenClosesWith1003AndIsCounted) {
    const auto peer = upgrade(WebSocketMode::messages, true);
    peer->send(frame(Opcode::text, "fine") + frame(Opcode::binary, "not"));
    settle();
    EXPECT_EQ(seen.bytes, "fine");
    EXPECT_EQ(close_code_in(peer->read()), 1003);
    const Counter failed = counter("junctor_websocket_failed_total", "WebSockets ended for what the peer sent, by close code.", {{"code", "1003"}});
    EXPECT_EQ(loops[0]->metrics().read(failed.cell), 1);
}

TEST_F(WebSocketStreamTest, APingGoesOutAsAFrame) {
    const auto peer = upgrade(WebSocketMode::messages, true);
    handler->stream.ping();
    settle();
    EXPECT_EQ(peer->read(), server_frame(Opcode::ping, ""));
}

TEST_F(WebSocketStreamTest, TextOnAByteStreamClosesWith1003) {
    const auto peer = upgrade(WebSocketMode::byte_stream);
    peer->send(frame(Opcode::text, "what"));
    settle();
    EXPECT_EQ(close_code_in(peer->read()), 1003);
}

TEST_F(WebSocketStreamTest, AnswersACloseFrameAndEnds) {
    const auto peer = upgrade(WebSocketMode::messages, true);
    peer->send(frame(Opcode::close, std::string("\x03\xe9", 2) + "leaving"));
    settle();
    EXPECT_EQ(peer->read(), server_frame(Opcode::close, std::string_view("\x03\xe9", 2)));
    EXPECT_TRUE(peer->ended);
    EXPECT_EQ(seen.closed, CloseReason::normal);
}

TEST_F(WebSocketStreamTest, ACloseFrameIsNoGoodbyeOnAByteStream) {
    const auto peer = upgrade(WebSocketMode::byte_stream);
    peer->send(frame(Opcode::close, ""));
    settle();
    EXPECT_EQ(seen.closed, CloseReason::connection_lost);
}

TEST_F(WebSocketStreamTest, ABadCloseFrameIsAProtocolError) {
    const auto peer = upgrade(WebSocketMode::messages, true);
    peer->send(frame(Opcode::close, "\x03"));
    settle();
    EXPECT_EQ(close_code_in(peer->read()), 1002);
}

TEST_F(WebSocketStreamTest, ClosingSaysWhy) {
    const auto peer = upgrade(WebSocketMode::messages, true);
    handler->stream.send(as_bytes("last"));
    handler->stream.close(CloseReason::server_shutdown, "see you");
    settle();
    EXPECT_EQ(peer->read(), server_frame(Opcode::text, "last") + server_frame(Opcode::close, std::string("\x03\xe9", 2) + "see you"));
    EXPECT_EQ(seen.closed, CloseReason::server_shutdown);
}

TEST_F(WebSocketStreamTest, PausingBetweenMessagesLosesAndReordersNothing) {
    const auto peer = upgrade(WebSocketMode::messages, true);
    handler->on_received = [this](Bytes bytes) {
        handler->stream.pause_reading();
        return bytes.size();
    };
    peer->send(frame(Opcode::text, "1") + frame(Opcode::text, "2"));
    settle();
    peer->send(frame(Opcode::text, "3"));
    settle();
    EXPECT_EQ(seen.bytes, "1");
    for (int i = 0; i < 3; ++i) {
        handler->stream.resume_reading();
        settle();
    }
    EXPECT_EQ(seen.bytes, "123");
}

TEST_F(WebSocketStreamTest, AMessageLeftWholeComesAgainAndNothingOvertakesIt) {
    const auto peer = upgrade(WebSocketMode::messages, true);
    handler->on_received = [](Bytes) { return std::size_t{0}; };
    peer->send(frame(Opcode::text, "a") + frame(Opcode::text, "b"));
    settle();
    handler->on_received = nullptr;
    peer->send(frame(Opcode::text, "c"));
    settle();
    EXPECT_EQ(seen.bytes, "abc");
}

TEST_F(WebSocketStreamTest, MovesToAnotherCoreInTheMiddleOfAFrame) {
    const auto peer = upgrade(WebSocketMode::byte_stream);
    handler->on_received = [this](Bytes) {
        handler->on_received = nullptr;
        handler->stream.move_to({1});
        return std::size_t{2};
    };
    const std::string wire = frame(Opcode::binary, "abcd") + frame(Opcode::binary, "efgh");
    peer->send(wire.substr(0, wire.size() - 2));
    settle();
    peer->send(wire.substr(wire.size() - 2));
    settle();
    EXPECT_EQ(handler->stream.core().id(), CoreId{1});
    EXPECT_EQ(seen.bytes, "abcdefgh");
}

TEST_F(WebSocketStreamTest, APeerThatPingsAndNeverReadsGetsABoundedQueue) {
    const auto peer = upgrade(WebSocketMode::messages, true);
    std::string pings;
    for (int i = 0; i < 500; ++i) pings += frame(Opcode::ping, std::string(125, 'p'));
    for (int i = 0; i < 60; ++i) {
        peer->send(pings);
        settle();
    }
    EXPECT_LE(handler->stream.queued(), TcpStream::high_water + 200);
    EXPECT_GE(handler->stream.queued(), TcpStream::high_water);
}

}  // namespace
}  // namespace junctor
