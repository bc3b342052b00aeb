#include "core/web/response_reader.hpp"

#include <gtest/gtest.h>

namespace junctor::web {
namespace {

std::size_t feed(ResponseReader& reader, std::string_view text) { return reader.read(as_bytes(text)); }

TEST(ResponseReader, StopsAtTheEndOfTheAnswer) {
    ResponseReader reader;
    const std::string answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nX: y\r\n\r\nab";
    EXPECT_EQ(feed(reader, answer + "HTTP/1.1 "), answer.size());
    EXPECT_TRUE(reader.complete());
    EXPECT_TRUE(reader.keep_alive());
    EXPECT_EQ(reader.head().status, 404U);
    EXPECT_EQ(reader.head().headers.back(), (Header{"X", "y"}));
    EXPECT_EQ(as_text(reader.take_body()), "ab");
}

TEST(ResponseReader, GivesTheBodyWhileItComes) {
    ResponseReader reader;
    feed(reader, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
    EXPECT_TRUE(reader.head_complete());
    EXPECT_FALSE(reader.complete());
    EXPECT_EQ(as_text(reader.take_body()), "ab");
    feed(reader, "cd");
    EXPECT_EQ(as_text(reader.take_body()), "cd");
    EXPECT_TRUE(reader.complete());
}

TEST(ResponseReader, AnswerToAnUpgradeHasNoBody) {
    ResponseReader reader;
    const std::string answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    EXPECT_EQ(feed(reader, answer + "frames"), answer.size());
    EXPECT_TRUE(reader.complete());
}

TEST(ResponseReader, EndOfStreamCompletesOrFails) {
    ResponseReader open;
    feed(open, "HTTP/1.1 200 OK\r\n\r\nab");
    open.end_of_stream();
    EXPECT_TRUE(open.complete());
    EXPECT_FALSE(open.failed());
    ResponseReader broken;
    feed(broken, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
    broken.end_of_stream();
    EXPECT_TRUE(broken.failed());
    ResponseReader silent;
    silent.end_of_stream();
    EXPECT_TRUE(silent.failed());
}

TEST(ResponseReader, RefusesWhatIsNoHttp) {
    ResponseReader reader;
    feed(reader, "SSH-2.0-OpenSSH_9.2\r\n\r\n");
    EXPECT_TRUE(reader.failed());
}

TEST(ResponseReader, StopsAtItsLimits) {
    ResponseReader long_head({100, 100, false});
    feed(long_head, "HTTP/1.1 200 OK\r\nX: " + std::string(200, 'x'));
    EXPECT_TRUE(long_head.failed());
    EXPECT_TRUE(long_head.too_large());
    ResponseReader long_body({100, 4, false});
    feed(long_body, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    EXPECT_TRUE(long_body.too_large());
    ResponseReader broken({100, 4, false});
    feed(broken, "SSH-2.0-OpenSSH_9.2\r\n\r\n");
    EXPECT_FALSE(broken.too_large());
}

TEST(ResponseReader, AnswerToAHeadIsOverWithItsHead) {
    ResponseReader reader({1'000, 4, true});
    feed(reader, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    EXPECT_TRUE(reader.complete());
    EXPECT_FALSE(reader.failed());
}

}  // namespace
}  // namespace junctor::web
