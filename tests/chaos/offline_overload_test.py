"""Fault overload: ten times what is taken. What goes is told, what was taken arrives, the others notice nothing."""
import unittest

from support import mqtt_packets as mqtt
from support.gateway import Gateway
from support.mqtt_client import Client

TAKEN = 100           # messages that the queue of a sleeping client holds
OFFERED = 10 * TAKEN
BATCH = 20            # the server's Receive Maximum


class OfflineOverload(unittest.TestCase):
    def connect(self, gateway, name, **options):
        client = Client(gateway.ports["mqtt"], wait_seconds=30)
        self.addCleanup(client.cut)
        client.connect(name, **options)
        return client

    def offer(self, publisher, topic, count):
        """The numbers that were taken; the codes of those that were not."""
        taken, codes = [], set()
        for first in range(0, count, BATCH):
            publisher.send(*(mqtt.publish(mqtt.V5, topic, b"%d" % number, 1, number + 1) for number in range(first, first + BATCH)))
            for number in range(first, first + BATCH):
                reason = publisher.expect(mqtt.PUBACK, packet_id=number + 1).reason
                if reason < 0x80:
                    taken.append(number)
                else:
                    codes.add(reason)
        return taken, codes

    def play(self, config, expected):
        """Offers ten times what the sleeping client's queue holds: `expected` is what it finds, the rest are dead letters."""
        with Gateway(connectors=["mqtt"], config=config) as gateway:
            sleeping = self.connect(gateway, "sleeping", session_expiry=3600)
            sleeping.subscribe(("queued/#", 1))
            sleeping.leave()
            publisher, online = self.connect(gateway, "publisher"), self.connect(gateway, "online")
            online.subscribe(("queued/#", 0))
            watcher = self.connect(gateway, "watcher")
            watcher.subscribe(("$SYS/dead-letters/#", 0))
            taken, codes = self.offer(publisher, "queued/a", OFFERED)
            self.assertEqual((taken, codes), (list(range(OFFERED)), set()))
            for number in range(OFFERED):
                online.receive(payload=b"%d" % number)
            dead = {int(watcher.receive(topic=b"$SYS/dead-letters/sleeping").payload) for _ in range(OFFERED - TAKEN)}
            self.assertEqual(dead, set(range(OFFERED)) - set(expected))
            self.assertIn(f'reason="offline_queue_full"}} {len(dead)}', gateway.admin("/metrics"))
            again = self.connect(gateway, "sleeping", clean=False, session_expiry=3600)
            for number in expected:
                again.receive(payload=b"%d" % number)
            again.expect_nothing()

    def test_the_oldest_go(self):
        self.play(f"limits: {{offline_messages: {TAKEN}}}", range(OFFERED - TAKEN, OFFERED))

    def test_the_new_ones_go(self):
        self.play(f"limits: {{offline_messages: {TAKEN}, offline_overflow: refuse_new}}", range(TAKEN))


if __name__ == "__main__":
    unittest.main()
