#pragma once

#include <gtest/gtest.h>

#include "tests/unit/connectors/mqtt/recorded_actions.hpp"

namespace junctor::mqtt::wire {

using Log = std::vector<std::string>;

/// What the gate found of an earlier connection.
inline Opened resumed(std::vector<std::uint16_t> unreleased = {}) {
    Opened found;
    found.resumed = true;
    found.unreleased = std::move(unreleased);
    return found;
}

/// A machine whose client has got its CONNACK.
struct OpenClient {
    Machine::Rules rules;
    Machine machine{rules};
    RecordedActions actions;

    /// `properties` of CONNECT, with their length in front; `found`: what the gate kept of its session.
    explicit OpenClient(Version version, std::string_view properties = "00", const Machine::Rules& chosen = {}, const Opened& found = {})
        : rules(chosen) {
        actions.machine = &machine;
        const bool v5 = version == Version::v5;
        ByteBuffer packet = hex(v5 ? "10 00 0004 4D515454 05 02 000A" : "10 00 0004 4D515454 04 02 000A");
        if (v5) append(packet, hex(properties.empty() ? "00" : properties));
        append(packet, hex("0001 70"));
        packet[1] = static_cast<std::uint8_t>(packet.size() - 2);
        machine.received(frame_of(packet), actions);
        AuthenticationStep step(AuthenticationStep::Outcome::allow);
        step.principal = PrincipalRef(new Principal(TenantId{}, "somebody"));
        EXPECT_TRUE(machine.answered(step, actions));
        machine.opened({TenantId{}, "p", false, found}, actions);
        EXPECT_TRUE(machine.is_open());
        actions.take();
    }

    Log send(std::string_view packet) { return send(hex(packet)); }
    Log send(const ByteBuffer& packet) {
        machine.received(frame_of(packet), actions);
        return actions.take();
    }
    Log settle(Token token, const Receipt& receipt) {
        machine.settled(token, receipt, actions);
        return actions.take();
    }
};

}  // namespace junctor::mqtt::wire
