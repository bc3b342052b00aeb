#pragma once

#include <gtest/gtest.h>

#include <string>

#include "connectors/websocket/connection.hpp"
#include "tests/support/fake_stream.hpp"
#include "tests/support/lone_core.hpp"

namespace junctor::websocket {

using namespace std::chrono_literals;
using test::FakeStream;
using test::LoneCore;

/// A connection on a stream and a gate that do what the test says.
class ConnectionTest : public testing::Test {
protected:
    ConnectionTest() { stream.message_mode = true; }
    ~ConnectionTest() override { stream.finish(CloseReason::connection_lost); }

    /// Shows a token in the upgrade, unless it says otherwise.
    Connection& connect(std::string token = "token") {
        auto made = std::make_unique<Connection>(stream, settings);
        Connection& connection = *made;
        stream.attach(std::move(made));
        Credentials credentials;
        credentials.bearer = std::move(token);
        connection.admit(std::move(credentials));
        return connection;
    }
    std::string answer_to(std::string_view frame) {
        stream.sent.clear();
        stream.receive(frame);
        return std::string(as_text(stream.sent));
    }
    EnvelopePtr envelope(std::string_view topic, std::string_view payload, Qos qos = Qos::at_most_once) {
        Draft draft;
        draft.topic = *Topic::parse({}, topic);
        draft.payload = as_bytes(payload);
        draft.qos = qos;
        return Envelope::make(std::move(draft), {{}, {}, {}, lone.core.now()});
    }
    DeliverResult deliver(Connection& connection, const EnvelopePtr& message, Qos qos = Qos::at_most_once, bool retain = false) {
        Template encoded;
        connection.encode(*message, connection.variant({}), encoded);
        return connection.deliver({message, encoded, qos, retain, {}});
    }

    Ref<Settings> settings{new Settings};
    LoneCore lone;
    test::FakeGate& gate = lone.gate;
    FakeStream stream{lone.core};
};

}  // namespace junctor::websocket
