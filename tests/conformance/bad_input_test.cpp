// Bytes that no client library would send: each gets its protocol's own error, is counted, and harms nobody else.
#include <gtest/gtest.h>
#include <zmq.h>

#include <vector>

#include "tests/conformance/gateway_under_test.hpp"
#include "tests/conformance/raw_connection.hpp"
#include "tests/conformance/wires.hpp"

namespace junctor::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

GatewayUnderTest& gateway() { return shared_gateway("bad input", 2, "{packet: 1MiB, handshake_timeout: 1s, http_header_timeout: 1s}"); }

struct BadInput {
    std::string name;
    std::string bytes;     ///< behind a good opening, where the protocol has one
    std::string expected;  ///< must stand in what comes back; empty: nothing in particular
    bool ends = true;      ///< the connection is over then

    friend std::ostream& operator<<(std::ostream& out, const BadInput& input) { return out << input.name; }
};

class BadInputTest : public testing::TestWithParam<BadInput> {
protected:
    /// Sends the bytes behind `opening`, whose answer ends with `opened`, and judges what comes.
    static void judge(const std::string& scheme, const std::string& opening, const std::string& opened) {
        const auto bystander = gateway().client(scheme);
        bystander->subscribe("bystander/" + GetParam().name, Qos::at_least_once);
        const double counted = troubles();
        {
            RawConnection connection(gateway().endpoint(scheme));
            connection.send(opening);
            if (!opened.empty()) {
                ASSERT_NE(connection.receive_until(opened).find(opened), std::string::npos);
            }
            connection.send(GetParam().bytes);
            const std::string answer = GetParam().ends ? connection.receive_until_closed() : connection.receive_until(GetParam().expected);
            EXPECT_NE(answer.find(GetParam().expected), std::string::npos) << testing::PrintToString(answer);
            EXPECT_EQ(connection.closed(), GetParam().ends);
        }
        EXPECT_GT(troubles(), counted) << "nobody counted it";
        still_works(scheme, *bystander);
    }

    static void still_works(const std::string& scheme, Client& bystander) {
        ClientMessage message;
        message.topic = "bystander/" + GetParam().name;
        message.qos = Qos::at_least_once;
        gateway().client(scheme)->publish(message);
        EXPECT_TRUE(bystander.receive(20s));
    }

    /// Whatever the gateway counts about input that it refused.
    static double troubles() {
        double sum = 0;
        for (const std::string name : {"junctor_bad_input_total", "junctor_http_refused_total", "junctor_rest_problems_total", "junctor_mqtt_connections_closed_total",
                                       "junctor_connections_closed_total"})
            sum += gateway().metric(name);
        return sum;
    }
};

constexpr auto name_of = [](const auto& info) { return info.param.name; };

class BadMqtt : public BadInputTest {};
TEST_P(BadMqtt, EndsTheConnectionAlone) { judge("mqtt", "", ""); }
INSTANTIATE_TEST_SUITE_P(BeforeConnect, BadMqtt, testing::Values(
    BadInput{"http", "GET / HTTP/1.1\r\n\r\n", ""},
    BadInput{"not_a_connect", "\xc0\x00"s, ""},
    BadInput{"reserved_type", "\x00\x00"s, ""},
    BadInput{"five_length_bytes", "\x10\xff\xff\xff\xff\x01"s, ""},
    BadInput{"announces_256_megabytes", "\x10\xff\xff\xff\x7f"s, ""},
    BadInput{"announces_more_than_strangers_may", mqtt_packet(0x10, std::string(70'000, 'x')), ""},
    BadInput{"truncated", mqtt_connect().substr(0, 7), ""},
    BadInput{"unknown_protocol", mqtt_packet(0x10, mqtt_text("MOTT") + "\x04\x02\x00\x00"s + mqtt_text("")), ""},
    BadInput{"unknown_version", mqtt_packet(0x10, mqtt_text("MQTT") + "\x09\x02\x00\x00"s + mqtt_text("")), ""},
    BadInput{"client_id_that_is_not_utf8", mqtt_connect("\xff\xfe"), ""}), name_of);

class BadMqttLater : public BadInputTest {};
TEST_P(BadMqttLater, EndsTheConnectionAlone) { judge("mqtt", mqtt_connect(), "\x20\x02\x00\x00"s); }
INSTANTIATE_TEST_SUITE_P(AfterConnect, BadMqttLater, testing::Values(
    BadInput{"second_connect", mqtt_connect(), ""},
    BadInput{"publish_to_a_wildcard", mqtt_packet(0x30, mqtt_text("a/#") + "x"), ""},
    BadInput{"publish_to_bytes_that_are_not_utf8", mqtt_packet(0x30, mqtt_text("a\xc0\x80")), ""},
    BadInput{"publish_to_nothing", mqtt_packet(0x30, mqtt_text("")), ""},
    BadInput{"publish_with_qos_3", mqtt_packet(0x36, mqtt_text("a") + "\x00\x01"s), ""},
    BadInput{"truncated_topic", mqtt_packet(0x30, "\x00\x09" "a"s), ""},
    BadInput{"subscribe_without_filters", mqtt_packet(0x82, "\x00\x01"s), ""},
    BadInput{"packet_of_a_server", mqtt_packet(0x20, "\x00\x00"s), ""},
    BadInput{"announces_too_much", "\x30\xff\xff\xff\x7f"s, ""}), name_of);

class BadWebSocket : public BadInputTest {};
TEST_P(BadWebSocket, IsAnsweredInItsOwnWay) { judge("ws", websocket_upgrade("/ws"), "\r\n\r\n"); }

std::string text_frame(std::string_view json) { return websocket_frame(0x81, json); }

INSTANTIATE_TEST_SUITE_P(Frames, BadWebSocket, testing::Values(
    BadInput{"no_json", text_frame("hello"), R"("code":"bad_request")", false},
    BadInput{"truncated_json", text_frame(R"({"op":"ping")"), "not valid JSON", false},
    BadInput{"deep_json", text_frame(std::string(1'000'000, '[')), "nested too deeply", false},
    BadInput{"unknown_op", text_frame(R"({"op":"publsh","id":1})"), "did you mean 'publish'?", false},
    BadInput{"unknown_field", text_frame(R"({"op":"publish","tpoic":"a"})"), "did you mean 'topic'?", false},
    BadInput{"bad_filter", text_frame(R"({"op":"subscribe","id":2,"filter":"a/#/b"})"), R"("id":2,"code":"bad_filter")", false},
    BadInput{"bad_topic", text_frame(R"({"op":"publish","id":3,"topic":"a/+"})"), R"("id":3,"code":"bad_topic")", false},
    BadInput{"lone_surrogate", text_frame(R"({"op":"publish","topic":"a","data":"\ud800"})"), "not UTF-8", false},
    BadInput{"binary_nonsense", websocket_frame(0x82, "\xff\x00"s), "\x03\xeb"s},
    BadInput{"text_that_is_not_utf8", text_frame("\"\xc0\x80\""), "\x88"s},
    BadInput{"frame_without_mask", "\x81\x02{}"s, "\x03\xea"s},
    BadInput{"reserved_opcode", websocket_frame(0x83, ""), "\x03\xea"s},
    BadInput{"reserved_bits", websocket_frame(0xc1, "{}"), "\x03\xea"s},
    BadInput{"fragmented_ping", websocket_frame(0x09, ""), "\x03\xea"s},
    BadInput{"continues_nothing", websocket_frame(0x80, "{}"), "\x03\xea"s},
    BadInput{"length_with_its_highest_bit", "\x81\xff\x80\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00"s, "\x88"s},
    BadInput{"announces_a_gigabyte", "\x81\xff\x00\x00\x00\x00\x40\x00\x00\x00\x00\x00\x00\x00"s, "\x03\xf1"s}), name_of);

class BadHttp : public BadInputTest {};
TEST_P(BadHttp, IsAnsweredInItsOwnWay) { judge("http", "", ""); }

std::string request(const std::string& line, const std::string& more = "") { return line + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + more + "\r\n"; }

INSTANTIATE_TEST_SUITE_P(Requests, BadHttp, testing::Values(
    BadInput{"no_http", "hello\r\n\r\n", " 400 "},
    BadInput{"no_host", "GET /v1/topics/a HTTP/1.1\r\n\r\n", " 400 "},
    BadInput{"two_lengths", request("POST /v1/topics/a", "Content-Length: 1\r\nContent-Length: 2\r\n") + "xx", " 400 "},
    BadInput{"length_and_chunks", request("POST /v1/topics/a", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", " 400 "},
    BadInput{"folded_header", request("POST /v1/topics/a", "A: b\r\n c\r\n"), " 400 "},
    BadInput{"truncated", "POST /v1/topics/a HTTP/1.1\r\nHost: local", " 408 "},
    BadInput{"endless_header", "GET /v1/topics/a HTTP/1.1\r\nHost: localhost\r\nA: " + std::string(200'000, 'x'), " 431 "},
    BadInput{"body_of_a_gigabyte", request("POST /v1/topics/a", "Content-Length: 1073741824\r\n"), " 413 "},
    BadInput{"unknown_path", request("GET /nothing"), " 404 "},
    BadInput{"unknown_option", request("POST /v1/topics/a?qso=1", "Content-Length: 0\r\n"), " 400 "},
    BadInput{"bad_option", request("POST /v1/topics/a?qos=7", "Content-Length: 0\r\n"), " 400 "},
    BadInput{"bad_topic", request("POST /v1/topics/a/%23", "Content-Length: 0\r\n"), " 400 "},
    BadInput{"bad_filter", request("GET /v1/topics/a/%23/b"), " 400 "},
    BadInput{"broken_escape", request("GET /v1/topics/a%zz"), " 400 "},
    BadInput{"path_that_is_not_utf8", request("GET /v1/topics/a%ff"), " 400 "}), name_of);

TEST(BadCredentials, OfAWebsocketEndItWithAnErrorThoughFramesFollowAtOnce) {
    std::string upgrade = websocket_upgrade("/ws");
    upgrade.insert(upgrade.find("\r\n") + 2, "Authorization: Nonsense\r\n");
    RawConnection connection(gateway().endpoint("ws"));
    connection.send(upgrade + text_frame(R"({"op":"publish","id":1,"topic":"a"})") + text_frame(R"({"op":"hello","id":2,"name":"n"})"));
    const std::string answer = connection.receive_until_closed();
    EXPECT_NE(answer.find(R"("code":"not_authenticated")"), std::string::npos) << answer;
    EXPECT_EQ(answer.find(R"("id")"), std::string::npos) << answer;
    EXPECT_TRUE(connection.closed());
}

/// ZeroMQ frames itself, so bad input is bad frames of its own.
struct BadFrames {
    std::string name;
    std::vector<std::string> frames;
    std::string expected;  ///< in one of the frames of the answer

    friend std::ostream& operator<<(std::ostream& out, const BadFrames& input) { return out << input.name; }
};

class BadZeromq : public testing::TestWithParam<BadFrames> {
protected:
    BadZeromq() : context_(zmq_ctx_new()), socket_(zmq_socket(context_, ZMQ_DEALER)) {
        const int patience = 10'000, linger = 0;
        zmq_setsockopt(socket_, ZMQ_RCVTIMEO, &patience, sizeof patience);
        zmq_setsockopt(socket_, ZMQ_LINGER, &linger, sizeof linger);
        zmq_connect(socket_, ("tcp://" + gateway().endpoint("zmq")).c_str());
    }
    ~BadZeromq() override {
        zmq_close(socket_);
        zmq_ctx_term(context_);
    }

    std::string exchange(const std::vector<std::string>& frames) {
        for (std::size_t at = 0; at < frames.size(); ++at)
            zmq_send(socket_, frames[at].data(), frames[at].size(), at + 1 < frames.size() ? ZMQ_SNDMORE : 0);
        std::string answer;
        for (int more = 1; more != 0;) {
            char buffer[4'096];
            const int size = zmq_recv(socket_, buffer, sizeof buffer, 0);
            if (size < 0) return answer + "|no answer";
            answer += '|' + std::string(buffer, std::min(static_cast<std::size_t>(size), sizeof buffer));
            std::size_t width = sizeof more;
            zmq_getsockopt(socket_, ZMQ_RCVMORE, &more, &width);
        }
        return answer;
    }

private:
    void* context_;
    void* socket_;
};

TEST_P(BadZeromq, IsAnsweredWithAnError) {
    const double counted = gateway().metric("junctor_bad_input_total");
    const std::string answer = exchange(GetParam().frames);
    EXPECT_TRUE(answer.starts_with("|error")) << answer;
    EXPECT_NE(answer.find(GetParam().expected), std::string::npos) << answer;
    EXPECT_GT(gateway().metric("junctor_bad_input_total"), counted) << "nobody counted it";
    EXPECT_EQ(exchange({"publish", "7", "a", "x"}).substr(0, 6), "|ack|7") << "the connection goes on";
}

INSTANTIATE_TEST_SUITE_P(Frames, BadZeromq, testing::Values(
    BadFrames{"unknown_op", {"publsh", "1", "a", "x"}, "bad_request"},
    BadFrames{"bad_topic", {"publish", "2", "a/#", "x"}, "bad_topic"},
    BadFrames{"topic_that_is_not_utf8", {"publish", "3", "a\xff", "x"}, "bad_topic"},
    BadFrames{"bad_filter", {"subscribe", "4", "a/#/b"}, "bad_filter"},
    BadFrames{"headers_that_are_no_json", {"publish", "5", "a", "x", "{"}, "bad_request"},
    BadFrames{"deep_headers", {"publish", "6", "a", "x", std::string(100'000, '[')}, "bad_request"},
    BadFrames{"too_many_frames", {"publish", "7", "a", "x", "{}", "", "", "", ""}, "bad_request"}), name_of);

TEST(BadZmtp, AnotherProtocolAtAZeromqPortHarmsNobody) {
    RawConnection connection(gateway().endpoint("zmq"));
    connection.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + std::string(1'000, '\xff'));
    connection.receive_until_closed();
    EXPECT_TRUE(connection.closed());
    const auto client = gateway().client("zmq");
    EXPECT_NO_THROW(client->subscribe("still/here", Qos::at_least_once));
}

}  // namespace
}  // namespace junctor::test
