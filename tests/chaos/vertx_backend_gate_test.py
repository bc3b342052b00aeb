"""Two gateways joined by a Vert.x event bus, with a gate before each. It promises nothing of what is under way when the line breaks: but
whatever the gate does, publishers hear the truth, the order holds, nothing comes twice, and the line comes back."""
import os
import time
import unittest

from gate import Gate
from support.clients import CurlClient, PahoClient
from support.gateway import Gateway
from support.vertx import VertxApplication
from support.wait import until

from mqtt_backend_gate_test import Publisher

ROUNDS = 20 if os.environ.get("JUNCTOR_LONG") else 2


class VertxBackendGate(unittest.TestCase):
    def setUp(self):
        application = self.enterContext(VertxApplication())
        self.gates = [self.enterContext(Gate(application.port)) for _ in range(2)]
        self.gateways = [self.enterContext(self.backed(gate, name)) for gate, name in zip(self.gates, ("one", "two"))]
        self.wait_for_all("ok\n")

    @staticmethod
    def backed(gate, name):
        settings = "addresses: [{topic: chaos/numbers, address: chaos.numbers}], keep_alive: 1s"
        return Gateway(config=f"name: {name}\nbackend: {{type: vertx, url: \"vertx://127.0.0.1:{gate.port}\", {settings}}}\n")

    def wait_for(self, gateway, health):
        until(lambda: gateway.admin("/healthz").startswith(health), f"health says {health}", 60)

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
            self.wait_for(gateway, "degraded")
            gate.flow()
        elif kind == "half_close":
            gate.half_close()
        elif kind == "slow":
            gate.slow(20_000)
            time.sleep(1)  # how long it lasts
            gate.slow(None)

    def test_the_line_comes_back_and_nothing_comes_twice_or_out_of_order(self):
        for topic in ("chaos/numbers", "chaos/shared"):
            with PahoClient(self.gateways[1].ports["mqtt"]) as reader:
                reader.subscribe("chaos/#")
                publisher = Publisher(self.gateways[0], f"/v1/topics/{topic}")
                publisher.start()
                for _ in range(ROUNDS):
                    for kind in ("cut", "half_close", "shut", "slow", "stall"):
                        for at in range(2):
                            self.trouble(at, kind)
                            self.wait_for_all("ok\n")
                            before = len(publisher.acknowledged)
                            until(lambda: len(publisher.acknowledged) > before + 5, f"messages go again after {kind}")
                publisher.stop()
                last = publisher.acknowledged[-1]
                got = []
                while not got or got[-1] < last:
                    got.append(int(reader.receive().payload))
            self.assertEqual(got, sorted(set(got)))
            self.assertTrue(publisher.refused <= {503}, publisher.refused)

    def test_away_is_told_and_coming_back_too(self):
        self.gates[0].shut()
        self.wait_for(self.gateways[0], "degraded")
        self.assertEqual(CurlClient(self.gateways[0].url()).call("POST", "/v1/topics/a", b"x")[0], 503)
        with PahoClient(self.gateways[0].ports["mqtt"]) as client:
            self.assertGreaterEqual(client.subscribe("new/filter")[0], 0x80)
        self.gates[0].open()
        self.wait_for(self.gateways[0], "ok\n")


if __name__ == "__main__":
    unittest.main()
