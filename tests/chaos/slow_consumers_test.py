"""Fault slow consumers: a thousand subscribers that do not read cost what their queues may hold, and the others miss nothing.

How much slower the others get is printed, not judged: a busy machine would decide it."""
import os
import re
import resource
import socket
import statistics
import time
import unittest

from support import mqtt_packets as mqtt
from support import raw
from support.gateway import Gateway
from support.mqtt_client import Client

STALLED = 1_000
QUEUE = 64 << 10
MESSAGES = 1_000 if "JUNCTOR_LONG" in os.environ else 300
PAYLOAD = b"x" * 4_000
EACH_CONNECTION = 32 << 10  # of its stream and session, and of sanitizers
SLACK = 64 << 20
CONFIG = "limits: {outbound_queue: 64KiB}"


class SlowConsumers(unittest.TestCase):
    def setUp(self):
        self.enough_descriptors()
        self.gateway = self.enterContext(Gateway(connectors=["mqtt"], config=CONFIG, measured=True))

    def enough_descriptors(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < STALLED + 200:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4 * STALLED), hard))
            self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))

    def client(self, name):
        client = Client(self.gateway.ports["mqtt"], wait_seconds=60)
        self.addCleanup(client.cut)
        client.connect(name)
        return client

    def stalled(self, qos):
        connection = socket.socket()
        self.addCleanup(connection.close)
        # Small segments, small buffers: else the kernel takes megabytes for each of them before the gateway notices anything.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(60)
        connection.connect(("127.0.0.1", self.gateway.ports["mqtt"]))
        connection.sendall(raw.mqtt_connect(""))
        self.assertEqual(raw.read_mqtt_packet(connection)[1][1], 0)
        connection.sendall(raw.mqtt_subscribe(["flood/#"], qos))
        self.assertEqual(raw.read_mqtt_packet(connection)[0], 0x90)

    def play(self, publisher, healthy, qos):
        """Milliseconds from each publish to its arrival at the one that reads."""
        delays = []
        for number in range(MESSAGES):
            begin = time.monotonic()
            payload = b"%06d" % number + PAYLOAD
            if qos == 0:
                publisher.send(mqtt.publish(mqtt.V5, "flood/a", payload))
            else:
                self.assertLess(publisher.publish("flood/a", payload, 1), 0x80)
            self.assertEqual(healthy.receive().payload, payload)
            delays.append(1000 * (time.monotonic() - begin))
        return statistics.quantiles(delays, n=100)[98]

    def check(self, qos, counted):
        publisher, healthy = self.client("publisher"), self.client("healthy")
        healthy.subscribe(("flood/#", qos))
        before = self.play(publisher, healthy, qos)
        for _ in range(STALLED):
            self.stalled(qos)
        resident = self.gateway.resident_bytes()
        after = self.play(publisher, healthy, qos)
        growth = self.gateway.resident_bytes() - resident
        print(f"QoS {qos}: p99 {before:.1f} ms alone, {after:.1f} ms beside {STALLED} that do not read; {growth >> 20} MiB more", flush=True)
        self.assertLess(growth, STALLED * (QUEUE + EACH_CONNECTION) + SLACK)
        self.is_counted(counted)

    def is_counted(self, expression):
        """A session that ends says goodbye first, which takes its time with somebody who does not read."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if re.search(expression, self.gateway.admin("/metrics")):
                return
            time.sleep(0.1)  # between two looks
        self.fail(f"{expression} is not in the metrics")

    def test_qos_0_is_dropped_and_counted(self):
        self.check(0, r'(?m)^junctor_messages_dropped_total\{reason="queue_full"\} [1-9]')

    def test_qos_1_ends_the_session_by_name(self):
        self.check(1, r'(?m)^junctor_mqtt_connections_closed_total\{reason="slow_consumer"\} [1-9]')


if __name__ == "__main__":
    unittest.main()
