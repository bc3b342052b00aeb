#include "connectors/zeromq/codec.hpp"

#include <gtest/gtest.h>

namespace junctor::zeromq {
namespace {

std::vector<Bytes> frames(std::initializer_list<std::string_view> texts) {
    std::vector<Bytes> all;
    for (const std::string_view text : texts) all.push_back(as_bytes(text));
    return all;
}

TEST(ZeromqCodec, EveryOpIsReadByItsName) {
    for (const Op op : {Op::publish, Op::send, Op::subscribe, Op::unsubscribe, Op::request, Op::reply, Op::ping}) {
        const Decoded decoded = decode_command(frames({to_string(op), "7", "a/b", "body", "{}"}));
        EXPECT_EQ(decoded.fault, "");
        EXPECT_EQ(decoded.command.op, op);
        EXPECT_EQ(as_text(decoded.command.id), "7");
        EXPECT_EQ(decoded.command.topic, "a/b");
        EXPECT_EQ(as_text(decoded.command.body), "body");
        EXPECT_EQ(as_text(decoded.command.headers), "{}");
        EXPECT_FALSE(decoded.command.delimited);
    }
}

TEST(ZeromqCodec, AnEmptyFirstFrameIsTheDelimiterOfReq) {
    const Decoded decoded = decode_command(frames({"", "publish", "7", "a/b", "body"}));
    EXPECT_EQ(decoded.fault, "");
    EXPECT_TRUE(decoded.command.delimited);
    EXPECT_EQ(decoded.command.topic, "a/b");
}

TEST(ZeromqCodec, FramesLeftOutAtTheEndAreEmpty) {
    const Decoded decoded = decode_command(frames({"ping"}));
    EXPECT_EQ(decoded.fault, "");
    EXPECT_TRUE(decoded.command.id.empty());
    EXPECT_TRUE(decoded.command.body.empty());
    EXPECT_TRUE(decode_publication(frames({"a"})).publication.body.empty());
}

TEST(ZeromqCodec, FaultsKeepWhatCouldBeRead) {
    EXPECT_NE(decode_command({}).fault, "");
    EXPECT_NE(decode_command(frames({""})).fault, "");
    EXPECT_NE(decode_command(frames({"ping", "1", "", "", "", "too much"})).fault, "");
    const Decoded unknown = decode_command(frames({"publsh", "7", "a"}));
    EXPECT_EQ(unknown.fault, "unknown op");
    EXPECT_EQ(as_text(unknown.command.id), "7");
    const std::string long_id(max_id_bytes + 1, 'x');
    const Decoded too_long = decode_command(frames({"ping", long_id}));
    EXPECT_NE(too_long.fault, "");
    EXPECT_TRUE(too_long.command.id.empty());
}

TEST(ZeromqCodec, APublicationHasAtMostThreeFrames) {
    EXPECT_NE(decode_publication({}).fault, "");
    EXPECT_NE(decode_publication(frames({"a", "b", "{}", "c"})).fault, "");
    const DecodedPublication decoded = decode_publication(frames({"a/b", "body", "{}"}));
    EXPECT_EQ(decoded.fault, "");
    EXPECT_EQ(decoded.publication.topic, "a/b");
    EXPECT_EQ(as_text(decoded.publication.body), "body");
    EXPECT_EQ(as_text(decoded.publication.headers), "{}");
}

TEST(ZeromqCodec, AnAnswerHasExactlyFiveFrames) {
    EXPECT_EQ(decode_answer(frames({"ack", "7", "a", "", ""})).fault, "");
    EXPECT_NE(decode_answer(frames({"ack", "7"})).fault, "");
    EXPECT_NE(decode_answer(frames({"nack", "7", "a", "", ""})).fault, "");
}

}  // namespace
}  // namespace junctor::zeromq
