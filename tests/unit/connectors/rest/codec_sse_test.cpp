#include "connectors/rest/codec_sse.hpp"

#include <gtest/gtest.h>

namespace junctor::rest {
namespace {

std::string encoded(const SseEvent& event) {
    ByteBuffer bytes;
    append_sse_event(bytes, event);
    return std::string(as_text(bytes));
}

std::vector<SseEvent> decoded(const std::string& wire, std::size_t piece) {
    SseDecoder decoder;
    std::vector<SseEvent> events;
    for (std::size_t at = 0; at < wire.size(); at += piece) {
        decoder.feed(std::string_view(wire).substr(at, piece));
        while (auto event = decoder.next()) events.push_back(*event);
    }
    return events;
}

TEST(SseCodec, WritesOneFieldPerLine) {
    EXPECT_EQ(encoded({"", "hello", ""}), "data: hello\n\n");
    EXPECT_EQ(encoded({"tick", "a\nb", "7"}), "event: tick\nid: 7\ndata: a\ndata: b\n\n");
    EXPECT_EQ(encoded({"", "", ""}), "data: \n\n");
}

// THREATS class 18: no line break of a message starts a field or an event of its own.
TEST(SseCodec, DataCannotInjectEvents) {
    for (const char* line_break : {"\n", "\r", "\r\n"}) {
        const std::string evil = std::string("a") + line_break + line_break + "event: evil" + line_break + "data: b";
        const auto events = decoded(encoded({"", evil, ""}), 1'000);
        ASSERT_EQ(events.size(), 1U);
        EXPECT_EQ(events[0].event, "");
        EXPECT_EQ(events[0].data, "a\n\nevent: evil\ndata: b");
    }
    EXPECT_EQ(encoded({"a\ndata: evil", "b", "c\r\n\r\nd"}), "event: adata: evil\nid: cd\ndata: b\n\n");
}

TEST(SseCodec, RoundTripInAnyPieces) {
    const std::vector<SseEvent> events = {{"", "one", ""}, {"named", "two\n\nlines\n", "1"}, {"", " leading blank", "1"}, {"", "", "1"}};
    std::string wire;
    for (const SseEvent& event : events) wire += encoded(event);
    for (std::size_t piece = 1; piece <= wire.size(); ++piece) EXPECT_EQ(decoded(wire, piece), events) << piece;
}

TEST(SseCodec, ReadsWhatOthersWrite) {
    const std::string wire = "\xef\xbb\xbf: comment\r\ndata:no blank\rdata\r\nunknown: x\r\n\r\nevent: only\n\nretry: 5\ndata: b\n\n";
    for (const std::size_t piece : {std::size_t{1}, wire.size()}) {
        const auto events = decoded(wire, piece);
        ASSERT_EQ(events.size(), 2U);
        EXPECT_EQ(events[0].data, "no blank\n");
        EXPECT_EQ(events[1], (SseEvent{"", "b", ""}));
    }
}

TEST(SseCodec, ByteOrderMarkIsOneOnlyAtTheBeginning) {
    const std::string later = "\n\xef\xbb\xbf" "event: not this\ndata: a\n\n";
    for (const std::size_t piece : {std::size_t{1}, later.size()}) EXPECT_EQ(decoded(later, piece), (std::vector<SseEvent>{{"", "a", ""}}));
}

TEST(SseCodec, LimitsLinesAndEvents) {
    SseDecoder line(100);
    line.feed("data: " + std::string(200, 'a'));
    EXPECT_FALSE(line.next());
    EXPECT_TRUE(line.too_large());
    SseDecoder event(100);
    for (int part = 0; part < 20; ++part) event.feed("data: 0123456789\n");
    EXPECT_FALSE(event.next());
    EXPECT_TRUE(event.too_large());
}

}  // namespace
}  // namespace junctor::rest
