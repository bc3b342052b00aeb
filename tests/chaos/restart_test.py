"""Fault kill: with 100,000 stored messages the gateway greets the first client within a second of its start, and has them all."""
import os
import time
import unittest

from support import mqtt_packets as mqtt
from support.gateway import Gateway
from support.mqtt_client import Client

MESSAGES = 100_000
BATCH = 500
CONFIG = "limits: {offline_messages: 200000}"
MOST_SECONDS = 1 if os.environ.get("JUNCTOR_BUILD_TYPE") == "Release" else 30


class Restart(unittest.TestCase):
    def connect(self, gateway, name, **options):
        client = Client(gateway.ports["mqtt"], mqtt.V3_1_1, wait_seconds=60)
        self.addCleanup(client.cut)
        client.connack = client.connect(name, **options)
        return client

    def first_connack(self, gateway):
        while True:
            try:
                return self.connect(gateway, "first")
            except (AssertionError, OSError):
                time.sleep(0.002)  # between two looks

    def fill(self, publisher):
        for first in range(0, MESSAGES, BATCH):
            numbers = range(first, first + BATCH)
            publisher.send(*(mqtt.publish(mqtt.V3_1_1, "stored/a", b"%d" % number, 1, number % BATCH + 1) for number in numbers))
            for _ in range(BATCH):
                publisher.expect(mqtt.PUBACK)

    def test_a_hundred_thousand_messages(self):
        with Gateway(connectors=["mqtt"], config=CONFIG, store="fsync") as gateway:
            sleeping = self.connect(gateway, "sleeping", clean=False)
            sleeping.subscribe(("stored/#", 1))
            sleeping.leave()
            self.fill(self.connect(gateway, "publisher"))
            gateway.kill()
            begin = time.monotonic()
            gateway.start_again()
            self.first_connack(gateway)
            passed = time.monotonic() - begin
            print(f"restart to CONNACK with {MESSAGES} stored messages: {passed:.3f} s")
            again = self.connect(gateway, "sleeping", clean=False)
            self.assertEqual(again.connack.session_present, 1)
            for number in range(MESSAGES):
                again.receive(payload=b"%d" % number)
        self.assertLess(passed, MOST_SECONDS)


if __name__ == "__main__":
    unittest.main()
