"""Two gateways with a broker between them and a gate before each: whatever the gate does, no acknowledged message is lost, publishers
hear the truth meanwhile, and the line comes back."""
import os
import threading
import time
import unittest

from gate import Gate
from support.clients import CurlClient, PahoClient
from support.gateway import Gateway
from support.mosquitto_broker import MosquittoBroker
from support.wait import until

ROUNDS = 20 if os.environ.get("JUNCTOR_LONG") else 2


class Publisher(threading.Thread):
    """Publishes numbers one after the other by REST; keeps those that were acknowledged."""

    def __init__(self, gateway, path="/v1/topics/chaos/numbers?qos=1"):
        super().__init__(daemon=True)  # a test that failed does not wait for it
        self.path = path
        self.client = CurlClient(gateway.url())
        self.acknowledged, self.refused = [], set()
        self.stopping = threading.Event()

    def run(self):
        number = 0
        while not self.stopping.is_set():
            number += 1
            try:
                status, _, _ = self.client.call("POST", self.path, str(number).encode())
            except AssertionError:
                continue  # no answer: it may have arrived or not
            if status < 300:
                self.acknowledged.append(number)
            else:
                self.refused.add(status)

    def stop(self):
        self.stopping.set()
        self.join(120)


class MqttBackendGate(unittest.TestCase):
    def start(self):
        broker = self.enterContext(MosquittoBroker())
        self.gates = [self.enterContext(Gate(broker.ports["mqtt"])) for _ in range(2)]
        self.gateways = [self.enterContext(self.backed(gate, name)) for gate, name in zip(self.gates, ("one", "two"))]
        for gateway in self.gateways:
            self.wait_for(gateway, "ok\n")

    @staticmethod
    def backed(gate, name):
        return Gateway(config=f"name: {name}\nbackend: {{type: mqtt, url: \"mqtt://127.0.0.1:{gate.port}\", keep_alive: 2s}}\n")

    @staticmethod
    def wait_for(gateway, health, seconds=60):
        until(lambda: gateway.admin("/healthz").startswith(health), f"health says {health}", seconds)

    def trouble(self, gate, kind):
        if kind == "cut":
            gate.cut()
        elif kind == "shut":
            gate.shut()
            time.sleep(1.5)  # how long it lasts
            gate.open()
        elif kind == "stall":
            gate.stall()
            time.sleep(4)  # longer than the keep-alive lets pass
            gate.flow()
        elif kind == "half_close":
            gate.half_close()
        elif kind == "slow":
            gate.slow(20_000)
            time.sleep(2)  # how long it lasts
            gate.slow(None)

    def test_nothing_acknowledged_is_lost(self):
        self.start()
        with PahoClient(self.gateways[1].ports["mqtt"], client_id="reader") as reader:
            reader.subscribe("chaos/#")
            publisher = Publisher(self.gateways[0])
            publisher.start()
            for _ in range(ROUNDS):
                for kind in ("cut", "half_close", "shut", "slow", "stall"):
                    for gate in self.gates:
                        before = len(publisher.acknowledged)
                        self.trouble(gate, kind)
                        for gateway in self.gateways:
                            self.wait_for(gateway, "ok\n")
                        until(lambda: len(publisher.acknowledged) > before + 5, f"messages go again after {kind}")
            publisher.stop()
            last = publisher.acknowledged[-1]
            got = []
            while not got or got[-1] != last:
                got.append(int(reader.receive().payload))
        lost = set(publisher.acknowledged) - set(got)
        self.assertEqual(lost, set())
        self.assertTrue(publisher.refused <= {503}, publisher.refused)
        first_seen = list(dict.fromkeys(got))
        self.assertEqual(first_seen, sorted(first_seen), "repetitions apart, the order is the publisher's")

    def test_away_is_told_and_coming_back_too(self):
        self.start()
        self.gates[0].shut()
        self.wait_for(self.gateways[0], "degraded")
        status, _, _ = CurlClient(self.gateways[0].url()).call("POST", "/v1/topics/a?qos=1", b"x")
        self.assertEqual(status, 503)
        with PahoClient(self.gateways[0].ports["mqtt"]) as client:
            self.assertGreaterEqual(client.subscribe("new/filter")[0], 0x80)
        self.gates[0].open()
        self.wait_for(self.gateways[0], "ok\n")


if __name__ == "__main__":
    unittest.main()
