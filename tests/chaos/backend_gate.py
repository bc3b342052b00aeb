"""Two gateways joined by a backend, with a gate before each: what a test of any backend does with them."""
import threading
import time
import unittest

from gate import Gate
from support.clients import CurlClient, PahoClient
from support.wait import until

TROUBLES = ("cut", "half_close", "shut", "slow", "stall")


class Publisher(threading.Thread):
    """Publishes numbers one after the other by REST; keeps those that were acknowledged."""

    def __init__(self, gateway, path):
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


class BackendGate(unittest.TestCase):
    """Its subclass has the tests, and calls `join_by` first. How long a trouble lasts: seconds, or until the gateway tells of it."""
    WAIT_SECONDS = 60
    SHUT_SECONDS = STALL_SECONDS = None
    SLOW_SECONDS = 2

    def join_by(self, server_port, backed):
        """`backed(gate, name)`: a gateway, not entered yet, whose backend is behind the gate."""
        self.gates = [self.enterContext(Gate(server_port)) for _ in range(2)]
        self.gateways = [self.enterContext(backed(gate, name)) for gate, name in zip(self.gates, ("one", "two"))]
        self.wait_for_all("ok\n")

    def wait_for(self, gateway, health):
        until(lambda: gateway.admin("/healthz").startswith(health), f"health says {health}", self.WAIT_SECONDS)

    def wait_for_all(self, health):
        for gateway in self.gateways:
            self.wait_for(gateway, health)

    def trouble(self, at, kind):
        gate = self.gates[at]
        if kind == "cut":
            gate.cut()
        elif kind == "half_close":
            gate.half_close()
        elif kind == "shut":
            gate.shut()
            self.lasts(at, self.SHUT_SECONDS)
            gate.open()
        elif kind == "stall":
            gate.stall()
            self.lasts(at, self.STALL_SECONDS)
            gate.flow()
        elif kind == "slow":
            gate.slow(20_000)
            self.lasts(at, self.SLOW_SECONDS)
            gate.slow(None)

    def lasts(self, at, seconds):
        if seconds is None:
            self.wait_for(self.gateways[at], "degraded")
        else:
            time.sleep(seconds)

    def numbers_through_troubles(self, path, rounds, go_on=5):
        """What is published at the first gateway and heard at the second, while both gates do what they can. Each time at least `go_on`
        messages are acknowledged afterwards. (acknowledged, got)"""
        with PahoClient(self.gateways[1].ports["mqtt"], client_id="reader") as reader:
            reader.subscribe("chaos/#")
            publisher = Publisher(self.gateways[0], path)
            publisher.start()
            for kind, at in [(kind, at) for kind in TROUBLES for at in range(2)] * rounds:
                self.trouble(at, kind)
                self.wait_for_all("ok\n")
                before = len(publisher.acknowledged)
                until(lambda: len(publisher.acknowledged) > before + go_on, f"messages go again after {kind}", self.WAIT_SECONDS)
            publisher.stop()
            got = []
            while not got or got[-1] < publisher.acknowledged[-1]:
                got.append(int(reader.receive().payload))
        self.assertTrue(publisher.refused <= {503}, publisher.refused)
        return publisher.acknowledged, got

    def nothing_is_lost(self, acknowledged, got):
        self.assertEqual(set(acknowledged) - set(got), set())
        first_seen = list(dict.fromkeys(got))
        self.assertEqual(first_seen, sorted(first_seen), "repetitions apart, the order is the publisher's")

    def away_is_told_and_coming_back_too(self, query=""):
        self.gates[0].shut()
        self.wait_for(self.gateways[0], "degraded")
        self.assertEqual(CurlClient(self.gateways[0].url()).call("POST", f"/v1/topics/a{query}", b"x")[0], 503)
        with PahoClient(self.gateways[0].ports["mqtt"]) as client:
            self.assertGreaterEqual(client.subscribe("new/filter")[0], 0x80)
        self.gates[0].open()
        self.wait_for(self.gateways[0], "ok\n")
