"""Fault memory limit: 256 MiB and no more, under threats 13, 14 and 23. Load is shed before memory runs out, and others are served.

In a control group, as a container's, whose system kills who asks for more; where none can be made the system refuses it (RLIMIT_DATA), and a gateway
that asked for too much would end here too. Only a release build: sanitizers need more for themselves."""
import contextlib
import os
import pathlib
import time
import unittest

from support import mqtt_packets as mqtt
from support import raw
from support.gateway import Gateway
from support.memory_group import MemoryGroup
from support.mqtt_client import Client

RELEASE = pathlib.Path(os.environ.get("JUNCTOR_RELEASE", "no such build"))
CAP = 256 << 20
SECONDS = 600 if "JUNCTOR_LONG" in os.environ else 5
CONFIG = "limits: {outbound_queue: 1MiB, offline_queue: 1MiB, stored: 32MiB, packet: 1MiB}"
STALLED, STRANGERS, BOMBS = 60, 100, 50
PAYLOAD = b"x" * 100_000


@unittest.skipUnless(RELEASE.is_file(), f"{RELEASE} is not there: deploy/build release junctor")
class MemoryCap(unittest.TestCase):
    def setUp(self):
        try:
            self.group = self.enterContext(MemoryGroup(CAP))
            through = self.group.through
        except OSError as refusal:
            print(f"no control group ({refusal}): RLIMIT_DATA")
            self.group, through = None, ("prlimit", f"--data={CAP}")
        self.gateway = self.enterContext(Gateway(connectors=["mqtt", "mqtt-ws", "websocket", "rest"], config=CONFIG, binary=RELEASE,
                                                 through=through))

    def stranger(self):
        """Threat 13: promises 256 MB before anybody knows it."""
        connection = raw.open_socket(self.gateway.ports["mqtt"])
        with contextlib.suppress(ConnectionError):
            connection.sendall(b"\x10\xff\xff\xff\x7f" + mqtt.text("MQTT") + b"\x05\x02\0\0" + bytes(60_000))
        return connection

    def bomb(self):
        """Threat 14: a frame that says it is compressed."""
        connection = raw.open_socket(self.gateway.ports["http"])
        connection.sendall(raw.websocket_handshake("/ws", extensions="permessage-deflate"))
        self.assertNotIn("permessage-deflate", raw.read_head(connection))
        with contextlib.suppress(ConnectionError):
            connection.sendall(raw.websocket_frame(bytes(50_000), first_bits=0xC0))
        return connection

    def stalled(self, number):
        """Threat 23: subscribes and does not read; every third one goes to sleep."""
        client = Client(self.gateway.ports["mqtt"], wait_seconds=60)
        client.connect(f"stalled-{number}", session_expiry=3600)
        client.subscribe(("flood/#", number % 2))
        return client.socket

    def test_nothing_runs_out(self):
        publisher, reader = (Client(self.gateway.ports["mqtt"], wait_seconds=60) for _ in range(2))
        publisher.connect("publisher")
        reader.connect("reader")
        reader.subscribe(("bystander", 1))
        rounds, ends = 0, time.monotonic() + SECONDS
        while rounds < 2 or time.monotonic() < ends:
            attackers = [self.stalled(number) for number in range(STALLED)]
            for connection in attackers[::3]:
                connection.close()
            attackers += [self.stranger() for _ in range(STRANGERS)] + [self.bomb() for _ in range(BOMBS)]
            for number in range(100):
                publisher.send(mqtt.publish(mqtt.V5, f"flood/{number}", PAYLOAD, retain=number % 10 == 0))
                publisher.publish("flood/a", PAYLOAD, 1)
                self.assertLess(publisher.publish("bystander", b"%d" % number, 1), 0x80)
                reader.receive(payload=b"%d" % number)
            for connection in attackers:
                connection.close()
            rounds += 1
        print(f"{rounds} rounds, {self.gateway.resident_bytes() >> 20} MiB resident of {CAP >> 20}", flush=True)
        self.assertIsNone(self.gateway.process.poll(), "it lives")
        self.assertEqual(self.group.kills() if self.group else 0, 0)
        self.assertLess(self.gateway.resident_bytes(), CAP)
        publisher.cut()
        reader.cut()


if __name__ == "__main__":
    unittest.main()
