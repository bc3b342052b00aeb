"""Two gateways joined by a Vert.x event bus, with a gate before each. It promises nothing of what is under way when the line breaks: but
whatever the gate does, publishers hear the truth, the order holds, nothing comes twice, and the line comes back."""
import os
import unittest

from backend_gate import BackendGate
from support.gateway import Gateway
from support.vertx import VertxApplication

ROUNDS = 20 if os.environ.get("JUNCTOR_LONG") else 2


def backed(gate, name):
    settings = "addresses: [{topic: chaos/numbers, address: chaos.numbers}], keep_alive: 1s"
    return Gateway(config=f"name: {name}\nbackend: {{type: vertx, url: \"vertx://127.0.0.1:{gate.port}\", {settings}}}\n")


class VertxBackendGate(BackendGate):
    SLOW_SECONDS = 1

    def setUp(self):
        self.join_by(self.enterContext(VertxApplication()).port, backed)

    def test_the_line_comes_back_and_nothing_comes_twice_or_out_of_order(self):
        for topic in ("chaos/numbers", "chaos/shared"):
            with self.subTest(topic=topic):
                _, got = self.numbers_through_troubles(f"/v1/topics/{topic}", ROUNDS)
                self.assertEqual(got, sorted(set(got)))

    def test_away_is_told_and_coming_back_too(self):
        self.away_is_told_and_coming_back_too()


if __name__ == "__main__":
    unittest.main()
