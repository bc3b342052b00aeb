"""Two gateways with a broker between them and a gate before each: whatever the gate does, no acknowledged message is lost, publishers
hear the truth meanwhile, and the line comes back."""
import os
import unittest

from backend_gate import BackendGate
from support.gateway import Gateway
from support.mosquitto_broker import MosquittoBroker

ROUNDS = 20 if os.environ.get("JUNCTOR_LONG") else 2


def backed(gate, name):
    return Gateway(config=f"name: {name}\nbackend: {{type: mqtt, url: \"mqtt://127.0.0.1:{gate.port}\", keep_alive: 2s}}\n")


class MqttBackendGate(BackendGate):
    SHUT_SECONDS = 1.5
    STALL_SECONDS = 4  # longer than the keep-alive lets pass

    def setUp(self):
        self.join_by(self.enterContext(MosquittoBroker()).ports["mqtt"], backed)

    def test_nothing_acknowledged_is_lost(self):
        self.nothing_is_lost(*self.numbers_through_troubles("/v1/topics/chaos/numbers?qos=1", ROUNDS))

    def test_away_is_told_and_coming_back_too(self):
        self.away_is_told_and_coming_back_too("?qos=1")


if __name__ == "__main__":
    unittest.main()
