"""Two gateways that a Matrix homeserver joins and a gate before each: whatever the gate does, no acknowledged message is lost, publishers
hear the truth meanwhile, and the line comes back."""
import os
import unittest

from backend_gate import BackendGate
from support.gateway import Gateway
from support.synapse import PACKET, Synapse

ROUNDS = 10 if os.environ.get("JUNCTOR_LONG") else 1
ROOMS = '[{topic: chaos/room, room: "#numbers:hs.localhost"}]'


class MatrixBackendGate(BackendGate):
    WAIT_SECONDS = 120
    STALL_SECONDS = 4

    def setUp(self):
        synapse = self.enterContext(Synapse())
        self.join_by(synapse.port, lambda gate, name: Gateway(
            config=f"name: {name}\nlimits: {{packet: {PACKET}}}\nbackend: {{{synapse.settings(name, gate.port, ROOMS)}}}\n"))

    def test_nothing_acknowledged_is_lost(self):
        for topic in ("chaos/shared", "chaos/room"):
            with self.subTest(topic=topic):
                self.nothing_is_lost(*self.numbers_through_troubles(f"/v1/topics/{topic}?qos=1", ROUNDS, go_on=3))

    def test_away_is_told_and_coming_back_too(self):
        self.away_is_told_and_coming_back_too("?qos=1")


if __name__ == "__main__":
    unittest.main()
