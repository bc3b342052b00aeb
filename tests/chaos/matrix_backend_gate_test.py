"""Two gateways that a Matrix homeserver joins and a gate before each: whatever the gate does, no acknowledged message is lost, publishers
hear the truth meanwhile, and the line comes back."""
import os
import time
import unittest

from gate import Gate
from mqtt_backend_gate_test import Publisher
from support.clients import CurlClient, PahoClient
from support.gateway import Gateway
from support.synapse import PACKET, Synapse
from support.wait import until

ROUNDS = 10 if os.environ.get("JUNCTOR_LONG") else 1
ROOMS = '[{topic: chaos/room, room: "#numbers:hs.localhost"}]'


class MatrixBackendGate(unittest.TestCase):
    def setUp(self):
        synapse = self.enterContext(Synapse())
        self.gates = [self.enterContext(Gate(synapse.port)) for _ in range(2)]
        self.gateways = [self.enterContext(self.backed(synapse, gate, name)) for gate, name in zip(self.gates, ("one", "two"))]
        self.wait_for_all("ok\n")

    @staticmethod
    def backed(synapse, gate, name):
        return Gateway(config=f"name: {name}\nlimits: {{packet: {PACKET}}}\nbackend: {{{synapse.settings(name, gate.port, ROOMS)}}}\n")

    def wait_for(self, gateway, health):
        until(lambda: gateway.admin("/healthz").startswith(health), f"health says {health}", 120)

    def wait_for_all(self, health):
        for gateway in self.gateways:
            self.wait_for(gateway, health)

    def trouble(self, at, kind):
        gate, gateway = self.gates[at], self.gateways[at]
        if kind == "cut":
            gate.cut()
        elif kind == "shut":
            gate.shut()
            self.wait_for(gateway, "degraded")
            gate.open()
        elif kind == "stall":
            gate.stall()
            time.sleep(4)  # how long it lasts
            gate.flow()
        elif kind == "half_close":
            gate.half_close()
        elif kind == "slow":
            gate.slow(20_000)
            time.sleep(2)  # how long it lasts
            gate.slow(None)

    def test_nothing_acknowledged_is_lost(self):
        for topic in ("chaos/shared", "chaos/room"):
            with self.subTest(topic=topic), PahoClient(self.gateways[1].ports["mqtt"], client_id="reader") as reader:
                reader.subscribe("chaos/#")
                publisher = Publisher(self.gateways[0], f"/v1/topics/{topic}?qos=1")
                publisher.start()
                for _ in range(ROUNDS):
                    for kind in ("cut", "half_close", "shut", "slow", "stall"):
                        for at in range(2):
                            self.trouble(at, kind)
                            self.wait_for_all("ok\n")
                            before = len(publisher.acknowledged)
                            until(lambda: len(publisher.acknowledged) > before + 3, f"messages go again after {kind}", 60)
                publisher.stop()
                last = publisher.acknowledged[-1]
                got = []
                while not got or got[-1] < last:
                    got.append(int(reader.receive().payload))
            self.assertEqual(set(publisher.acknowledged) - set(got), set())
            self.assertTrue(publisher.refused <= {503}, publisher.refused)
            first_seen = list(dict.fromkeys(got))
            self.assertEqual(first_seen, sorted(first_seen), "repetitions apart, the order is the publisher's")

    def test_away_is_told_and_coming_back_too(self):
        self.gates[0].shut()
        self.wait_for(self.gateways[0], "degraded")
        self.assertEqual(CurlClient(self.gateways[0].url()).call("POST", "/v1/topics/a?qos=1", b"x")[0], 503)
        with PahoClient(self.gateways[0].ports["mqtt"]) as client:
            self.assertGreaterEqual(client.subscribe("new/filter")[0], 0x80)
        self.gates[0].open()
        self.wait_for(self.gateways[0], "ok\n")


if __name__ == "__main__":
    unittest.main()
