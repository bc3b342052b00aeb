#include "core/web/framing_guard.hpp"

#include <gtest/gtest.h>

#include <string>

namespace junctor::web {
namespace {

using Step = FramingGuard::Step;

struct Vector {
    const char* name;
    std::string head;
    unsigned status;
};

std::string with(const std::string& fields) { return "POST /v1/topics/a HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n"; }
std::string line(const std::string& request_line) { return request_line + "\r\nHost: localhost\r\n\r\n"; }

// THREATS class 20: every head that two readers could frame differently.
const std::vector<Vector> smuggling = {
    {"both lengths", with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
    {"both lengths, other order", with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
    {"coding after chunked", with("Transfer-Encoding: chunked, identity\r\n"), 400},
    {"coding before chunked", with("Transfer-Encoding: gzip, chunked\r\n"), 400},
    {"unknown coding", with("Transfer-Encoding: xchunked\r\n"), 400},
    {"quoted coding", with("Transfer-Encoding: \"chunked\"\r\n"), 400},
    {"coding with parameter", with("Transfer-Encoding: chunked;a=b\r\n"), 400},
    {"empty coding", with("Transfer-Encoding:\r\n"), 400},
    {"two codings", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
    {"coding hidden by case", with("tRANSFER-eNCODING: identity\r\n"), 400},
    {"vertical tab before coding", with("Transfer-Encoding: \vchunked\r\n"), 400},
    {"chunked on HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"two lengths", with("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
    {"different lengths", with("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
    {"length list", with("Content-Length: 5, 5\r\n"), 400},
    {"signed length", with("Content-Length: +5\r\n"), 400},
    {"negative length", with("Content-Length: -5\r\n"), 400},
    {"hexadecimal length", with("Content-Length: 0x5\r\n"), 400},
    {"length with a blank inside", with("Content-Length: 5 0\r\n"), 400},
    {"empty length", with("Content-Length:\r\n"), 400},
    {"overlong length", with("Content-Length: 99999999999999999999\r\n"), 413},
    {"folded field", with("X-A: b\r\n c\r\n"), 400},
    {"folded with tab", with("Transfer-Encoding:\r\n\tchunked\r\n"), 400},
    {"field folded onto the request line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
    {"blank before colon", with("Content-Length : 5\r\n"), 400},
    {"tab before colon", with("Content-Length\t: 5\r\n"), 400},
    {"no colon", with("Content-Length 5\r\n"), 400},
    {"no name", with(": 5\r\n"), 400},
    {"bare LF in a field", with("X-A: b\nTransfer-Encoding: chunked\r\n"), 400},
    {"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
    {"bare CR in a field", with("X-A: b\rTransfer-Encoding: chunked\r\n"), 400},
    {"CR CR LF", with("X-A: b\r\r\n"), 400},
    {"NUL in a value", with(std::string("X-A: b\0c\r\n", 10)), 400},
    {"NUL in a name", with(std::string("X\0A: b\r\n", 8)), 400},
    {"DEL in a value", with("X-A: \x7f\r\n"), 400},
    {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
    {"two hosts", with("Host: localhost\r\n"), 400},
    {"empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
    {"host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
    {"host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
    {"host with a wrong port", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400},
    {"absolute form", line("GET http://localhost/ HTTP/1.1"), 400},
    {"authority form", line("CONNECT localhost:80 HTTP/1.1"), 400},
    {"asterisk without OPTIONS", line("GET * HTTP/1.1"), 400},
    {"fragment", line("GET /a#b HTTP/1.1"), 400},
    {"blank in the target", line("GET /a b HTTP/1.1"), 400},
    {"two blanks", line("GET  / HTTP/1.1"), 400},
    {"blank before the line", line(" GET / HTTP/1.1"), 400},
    {"not ASCII", line("GET /\xc3\xa4 HTTP/1.1"), 400},
    {"HTTP/0.9", line("GET /"), 400},
    {"lower case version", line("GET / http/1.1"), 400},
    {"blank after the version", line("GET / HTTP/1.1 "), 400},
    {"HTTP/1.2", line("GET / HTTP/1.2"), 505},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\n", 400},
    {"HTTP/2.0", line("GET / HTTP/2.0"), 505},
    {"empty line first", "\r\n" + line("GET / HTTP/1.1"), 400},
    {"method is no token", line("GE(T / HTTP/1.1"), 400},
    {"TLS hello", std::string("\x16\x03\x01\x02\x00\x01", 6), 400},
    {"other expectation", with("Expect: miracles\r\n"), 417},
};

FramingGuard::Step scan_at_once(FramingGuard& guard, const std::string& head) { return guard.scan(as_bytes(head)); }

FramingGuard::Step scan_by_bytes(FramingGuard& guard, const std::string& head) {
    Step step = Step::more;
    for (std::size_t size = 1; size <= head.size() && step == Step::more; ++size) step = guard.scan(as_bytes(head).first(size));
    return step;
}

TEST(FramingGuard, Threat20RefusesEverySmugglingVector) {
    for (const Vector& vector : smuggling) {
        FramingGuard guard;
        EXPECT_EQ(scan_at_once(guard, vector.head), Step::refused) << vector.name;
        EXPECT_EQ(guard.refusal().status, vector.status) << vector.name << ": " << guard.refusal().detail;
    }
}

TEST(FramingGuard, Threat20RefusesEverySmugglingVectorByteByByte) {
    for (const Vector& vector : smuggling) {
        FramingGuard guard;
        EXPECT_EQ(scan_by_bytes(guard, vector.head), Step::refused) << vector.name;
        EXPECT_EQ(guard.refusal().status, vector.status) << vector.name;
    }
}

TEST(FramingGuard, TellsTheFramingOfPlainRequests) {
    FramingGuard none;
    const std::string get = line("GET /a?b=c HTTP/1.1");
    ASSERT_EQ(scan_at_once(none, get + "GET /next"), Step::complete);
    EXPECT_EQ(none.head_size(), get.size());
    EXPECT_EQ(none.framing().body, Framing::Body::none);
    EXPECT_TRUE(none.framing().keep_alive);

    FramingGuard length;
    ASSERT_EQ(scan_by_bytes(length, with("Content-Length: 0123\r\n")), Step::complete);
    EXPECT_EQ(length.framing().length, 123U);

    FramingGuard chunked;
    ASSERT_EQ(scan_by_bytes(chunked, with("transfer-encoding: Chunked\r\nExpect: 100-Continue\r\n")), Step::complete);
    EXPECT_EQ(chunked.framing().body, Framing::Body::chunked);
    EXPECT_TRUE(chunked.framing().expects_continue);
}

TEST(FramingGuard, KnowsWhoWantsToStay) {
    const std::vector<std::pair<std::string, bool>> table = {
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: foo, Close\r\n\r\n", false},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", false},
    };
    for (const auto& [head, stays] : table) {
        FramingGuard guard;
        ASSERT_EQ(scan_at_once(guard, head), Step::complete) << head;
        EXPECT_EQ(guard.framing().keep_alive, stays) << head;
    }
}

TEST(FramingGuard, AcceptsHostsAsPeopleWriteThem) {
    for (const char* host : {"localhost", "127.0.0.1:8080", "[::1]:8080", "[::1]", "my_host.example.", "a:"}) {
        FramingGuard guard;
        EXPECT_EQ(scan_at_once(guard, "GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n"), Step::complete) << host;
    }
}

TEST(FramingGuard, LimitsTheRequestLine) {
    FramingGuard guard;
    EXPECT_EQ(scan_at_once(guard, "GET /" + std::string(9'000, 'a')), Step::refused);
    EXPECT_EQ(guard.refusal().status, 414U);
}

TEST(FramingGuard, LimitsTheHead) {
    FramingGuard guard;
    EXPECT_EQ(scan_at_once(guard, with("X-A: " + std::string(17'000, 'a') + "\r\n")), Step::refused);
    EXPECT_EQ(guard.refusal().status, 431U);
}

TEST(FramingGuard, LimitsTheNumberOfFields) {
    std::string fields;
    for (int count = 0; count < 100; ++count) fields += "A:b\r\n";
    FramingGuard guard;
    EXPECT_EQ(scan_at_once(guard, with(fields)), Step::refused);
    EXPECT_EQ(guard.refusal().status, 431U);
}

}  // namespace
}  // namespace junctor::web
