#pragma once

#include <gtest/gtest.h>

#include "connectors/mqtt/connection.hpp"
#include "tests/support/fake_stream.hpp"
#include "tests/support/lone_core.hpp"
#include "tests/unit/connectors/mqtt/bytes.hpp"

namespace junctor::mqtt {

using namespace std::chrono_literals;
using test::FakeStream;
using test::LoneCore;
using wire::hex;
using wire::to_hex;

inline constexpr std::string_view connect_v3 = "10 0D 0004 4D515454 04 02 000A 0001 70";
inline constexpr std::string_view connect_v5 = "10 0E 0004 4D515454 05 02 000A 00 0001 70";

/// A connection on a stream and a gate that do what the test says.
class MqttConnection : public testing::Test {
protected:
    MqttConnection() { attach(); }
    ~MqttConnection() override { stream.finish(CloseReason::connection_lost); }

    void attach() {
        auto made = std::make_unique<Connection>(stream, Ref<const Settings>(new Settings("front")));
        connection = made.get();
        stream.attach(std::move(made));
    }
    /// What the client hears after sending these bytes.
    std::string answer_to(std::string_view bytes) {
        stream.sent.clear();
        stream.receive(hex(bytes));
        return to_hex(stream.sent);
    }
    std::string open(std::string_view connect) {
        answer_to(connect);
        if (stream.moved_to) stream.arrive(lone.core);
        return to_hex(stream.sent);
    }
    EnvelopePtr message(std::string_view topic, std::string_view payload, Qos qos = Qos::at_most_once, std::optional<Duration> ttl = {}) {
        Draft draft;
        draft.topic = *Topic::parse({}, topic);
        draft.payload = as_bytes(payload);
        draft.qos = qos;
        draft.ttl = ttl;
        return Envelope::make(std::move(draft), {{}, {}, {}, lone.core.now()});
    }
    std::string delivered(const EnvelopePtr& envelope, Qos qos = Qos::at_most_once, bool retain = false,
                          std::span<const std::uint32_t> ids = {}) {
        stream.sent.clear();
        deliver(envelope, qos, retain, ids);
        return to_hex(stream.sent);
    }
    DeliverResult deliver(const EnvelopePtr& envelope, Qos qos = Qos::at_most_once, bool retain = false,
                          std::span<const std::uint32_t> ids = {}) {
        Template encoded;
        connection->encode(*envelope, connection->variant({}), encoded);
        return connection->deliver({envelope, encoded, qos, retain, ids});
    }

    /// What the client hears of a message of its durable session.
    std::string durably_delivered(const EnvelopePtr& envelope, Qos qos, std::uint64_t sequence, Repeat repeat = Repeat::no) {
        stream.sent.clear();
        Template encoded;
        if (envelope) connection->encode(*envelope, connection->variant({}), encoded);
        EXPECT_EQ(connection->deliver({envelope, encoded, qos, false, {}, sequence, repeat}), DeliverResult::queued);
        return to_hex(stream.sent);
    }

    test::LoneCore lone;
    test::FakeGate& gate = lone.gate;
    test::FakeStream stream{lone.core};
    Connection* connection = nullptr;
};

}  // namespace junctor::mqtt
