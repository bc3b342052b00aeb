"""The two configurations of deploy/compose.yaml, with real programs: Mosquitto's bridge carries its clients' messages to junctor and back."""
import pathlib
import queue
import subprocess
import tempfile
import threading
import unittest

from support import mosquitto
from support.gateway import Gateway, free_ports
from support.mosquitto_broker import PROGRAM

COMPOSE = pathlib.Path(__file__).resolve().parents[2] / "deploy/compose"


class Bridge(unittest.TestCase):
    def setUp(self):
        self.gateway = self.enterContext(Gateway(config="policy:\n  authenticators: [{type: anonymous, from: any}]\n  authorizers: [{type: allow_all}]"))
        self.port = free_ports(1)[0]
        folder = self.enterContext(tempfile.TemporaryDirectory())
        config = (COMPOSE / "mosquitto.conf").read_text().replace("address junctor:1883", f"address 127.0.0.1:{self.gateway.ports['mqtt']}")
        file = pathlib.Path(folder) / "mosquitto.conf"
        file.write_text(config.replace("listener 1884", f"listener {self.port} 127.0.0.1"))
        broker = subprocess.Popen([PROGRAM, "-c", file], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(broker.wait)
        self.addCleanup(broker.terminate)

    def crosses(self, source, target, topic):
        """Nobody says when the bridge stands: publish until something arrives."""
        arrived = queue.SimpleQueue()
        with mosquitto.Subscriber(target, "-q", "1", "-t", topic) as subscriber:
            threading.Thread(target=lambda: arrived.put(subscriber.receive()), daemon=True).start()
            while True:
                mosquitto.publish(source, "-q", "1", "-t", topic, "-m", "across")
                try:
                    return arrived.get(timeout=0.1)
                except queue.Empty:
                    pass

    def wait_for_broker(self):
        while True:
            try:
                return mosquitto.publish(self.port, "-t", "ready", "-m", "")
            except AssertionError:
                threading.Event().wait(0.02)  # between two looks

    def test_messages_cross_in_both_directions(self):
        self.wait_for_broker()
        out = self.crosses(self.port, self.gateway.ports["mqtt"], "sensors/1/temp")
        self.assertEqual((out["topic"], out["payload"]), ("sensors/1/temp", "across"))
        back = self.crosses(self.gateway.ports["mqtt"], self.port, "commands/1/valve")
        self.assertEqual((back["topic"], back["payload"]), ("commands/1/valve", "across"))


if __name__ == "__main__":
    unittest.main()
