#include "core/web/chunked_reader.hpp"

#include <gtest/gtest.h>

#include <string>

namespace junctor::web {
namespace {

using Step = ChunkedReader::Step;

struct Outcome {
    Step step = Step::more;
    std::string body;
    std::size_t consumed = 0;
    unsigned status = 0;
};

Outcome read(const std::string& wire, std::size_t piece, std::size_t limit = 1'000) {
    ChunkedReader reader;
    ByteBuffer body;
    Outcome outcome;
    while (outcome.step == Step::more && outcome.consumed < wire.size()) {
        const Bytes rest = as_bytes(wire).subspan(outcome.consumed);
        const auto [step, consumed] = reader.read(rest.first(std::min(piece, rest.size())), body, limit);
        outcome.step = step;
        outcome.consumed += consumed;
    }
    outcome.body = as_text(body);
    outcome.status = reader.refusal().status;
    return outcome;
}

TEST(ChunkedReader, JoinsChunksHoweverTheyArrive) {
    const std::string wire = "5\r\nhello\r\n1;name=value\r\n \r\n0A\r\nchunked..!\r\n0\r\nX-Trailer: dropped\r\n\r\n";
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, wire.size()}) {
        const Outcome outcome = read(wire, piece);
        EXPECT_EQ(outcome.step, Step::complete);
        EXPECT_EQ(outcome.body, "hello chunked..!");
    }
}

TEST(ChunkedReader, LeavesTheNextRequestAlone) {
    const Outcome outcome = read("1\r\na\r\n0\r\n\r\nGET /", 1'000);
    EXPECT_EQ(outcome.step, Step::complete);
    EXPECT_EQ(outcome.consumed, 11U);
}

TEST(ChunkedReader, RefusesWhatTwoReadersCouldReadDifferently) {
    const std::vector<std::string> wires = {
        "\r\n",                 // no size
        "x\r\n",                // not hexadecimal
        "0x5\r\nhello\r\n",     // prefix
        "+5\r\nhello\r\n",      // sign
        " 5\r\nhello\r\n",      // blank
        "5 \r\nhello\r\n",      // blank after the size
        "5\nhello\r\n",         // bare LF
        "5\rhello\r\n",         // bare CR
        "5\r\nhelloX\r\n",      // longer than announced
        "5\r\nhello\n",         // bare LF after the data
        "5;a\nb\r\nhello\r\n",  // LF in an extension
        "0\r\nA\r\n\r\n",       // trailer without a colon
        "0\r\n A: b\r\n\r\n",   // folded trailer
        "0\r\nA: b\n\r\n\r\n",  // LF in a trailer
        "0\r\nContent-Length: 5\r\n\r\n",
        "0\r\nTransfer-Encoding: chunked\r\n\r\n",
    };
    for (const std::string& wire : wires) {
        EXPECT_EQ(read(wire, 1'000).status, 400U) << wire;
        EXPECT_EQ(read(wire, 1).status, 400U) << wire;
    }
}

TEST(ChunkedReader, LimitsBodyAndOverhead) {
    EXPECT_EQ(read("3E9\r\n", 1'000).status, 413U);
    EXPECT_EQ(read("3E8\r\n", 1'000).status, 0U);
    EXPECT_EQ(read("fffffffff\r\n", 1'000, SIZE_MAX).status, 413U);
    EXPECT_EQ(read("1;" + std::string(2'000, 'a') + "\r\n", 1'000).status, 400U);
    EXPECT_EQ(read("0\r\nA: " + std::string(2'000, 'a') + "\r\n", 1'000).status, 400U);
}

TEST(ChunkedReader, ManySmallExtensionsCountTogether) {
    std::string wire;
    for (int chunk = 0; chunk < 300; ++chunk) wire += "1;abcd\r\na\r\n";
    EXPECT_EQ(read(wire, 1'000).status, 400U);
}

}  // namespace
}  // namespace junctor::web
