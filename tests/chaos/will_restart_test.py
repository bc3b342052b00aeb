"""Fault kill: the wills of clients that were connected, or had been lost shortly before, are published after the restart, once."""
import unittest

from support import mqtt_packets as mqtt
from support.gateway import Gateway
from support.mqtt_client import Client


class WillRestart(unittest.TestCase):
    def connect(self, gateway, name, **options):
        client = Client(gateway.ports["mqtt"], wait_seconds=20)
        self.addCleanup(client.cut)
        client.connack = client.connect(name, **options)
        return client

    def watcher(self, gateway):
        return self.connect(gateway, "watcher", clean=False, session_expiry=3600)

    def will(self, name, delay):
        return mqtt.Will(f"will/{name}", name.encode(), 1, properties={"will_delay": delay})

    def test_wills_outlive_the_process(self):
        with Gateway(connectors=["mqtt"], store="fsync") as gateway:
            watcher = self.watcher(gateway)
            watcher.subscribe(("will/#", 1))
            self.connect(gateway, "connected", session_expiry=3600, will=self.will("connected", 1)).expect_nothing()
            self.connect(gateway, "lost", session_expiry=3600, will=self.will("lost", 3)).cut()
            self.connect(gateway, "gone", session_expiry=3600, will=self.will("gone", 1)).leave()
            self.connect(gateway, "back", session_expiry=3600, will=self.will("back", 3600)).cut()
            self.connect(gateway, "marker").publish("will/marker", b"marker", 1)  # everything before it is stored
            watcher.receive(payload=b"marker")
            gateway.kill()
            gateway.start_again()
            gateway.wait_ready()
            watcher = self.watcher(gateway)
            self.assertEqual(watcher.connack.session_present, 1)
            self.connect(gateway, "back", clean=False, session_expiry=3600)
            heard = []
            while not {b"connected", b"lost"} <= set(heard):
                heard.append(watcher.receive().payload)
            watcher.expect_nothing()
            self.assertEqual(sorted(set(heard) - {b"marker"}), [b"connected", b"lost"])  # the marker may come again
            self.assertEqual((heard.count(b"connected"), heard.count(b"lost")), (1, 1))


if __name__ == "__main__":
    unittest.main()
