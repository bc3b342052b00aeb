"""Fault memory: floods, promises of huge packets, consumers that do not read and sessions that sleep cost what the limits say."""
import contextlib
import unittest

from support import mqtt_packets as mqtt
from support import raw
from support.gateway import Gateway
from support.mqtt_client import Client

MIB = 1 << 20
STALLED, SLEEPING, STRANGERS = 20, 20, 50
QUEUE = MIB
FLOOD, PAYLOAD = 3_000, b"x" * 16_000   # 48 MB to each of them
SLACK = 64 * MIB                        # of allocators, socket buffers and sanitizers
CONFIG = "limits: {outbound_queue: 1MiB, offline_queue: 1MiB}"


class MemoryLimit(unittest.TestCase):
    def connect(self, gateway, name, **options):
        client = Client(gateway.ports["mqtt"], wait_seconds=60)
        self.addCleanup(client.cut)
        client.connect(name, **options)
        return client

    def stalled(self, gateway, number):
        client = self.connect(gateway, f"stalled-{number}")
        client.subscribe(("flood/#", 0))
        return client

    def sleeping(self, gateway, number):
        client = self.connect(gateway, f"sleeping-{number}", session_expiry=3600)
        client.subscribe(("flood/#", 1))
        client.leave()

    def stranger(self, gateway):
        connection = raw.open_socket(gateway.ports["mqtt"])
        self.addCleanup(connection.close)
        with contextlib.suppress(ConnectionError):
            connection.sendall(b"\x10\xff\xff\xff\x7f" + mqtt.text("MQTT") + b"\x05\x02\0\0" + bytes(60_000))

    def test_all_at_once(self):
        with Gateway(connectors=["mqtt"], config=CONFIG, measured=True) as gateway:
            healthy, publisher = self.connect(gateway, "healthy"), self.connect(gateway, "publisher")
            healthy.subscribe(("end", 1))
            before = gateway.resident_bytes()
            for number in range(STALLED):
                self.stalled(gateway, number)
            for number in range(SLEEPING):
                self.sleeping(gateway, number)
            for _ in range(STRANGERS):
                self.stranger(gateway)
            for number in range(FLOOD):
                publisher.publish("flood/a", PAYLOAD, 1) if number % 10 == 0 else publisher.send(mqtt.publish(mqtt.V5, "flood/a", PAYLOAD))
            publisher.publish("end", b"done", 1)
            healthy.receive(payload=b"done")
            growth = gateway.resident_bytes() - before
            without_limits = (STALLED + SLEEPING / 10) * FLOOD * len(PAYLOAD)
            print(f"{growth / MIB:.0f} MiB more than before; without limits it were {without_limits / MIB:.0f}")
            self.assertLess(growth, (STALLED + SLEEPING) * QUEUE + STRANGERS * 65_536 + SLACK)


if __name__ == "__main__":
    unittest.main()
