"""Store and forward at the edge: while the broker is out of reach what goes there waits, also across a `kill -9`, and then arrives in
order, none missing."""
import unittest

from gate import Gate
from support.clients import PahoClient
from support.gateway import Gateway
from support.message import Message
from support.mosquitto_broker import MosquittoBroker
from support.wait import until

COUNT = 200


class BridgeOutage(unittest.TestCase):
    def publish(self, gateway, numbers):
        with PahoClient(gateway.ports["mqtt"]) as machine:
            for number in numbers:
                machine.publish(Message("up/numbers", str(number).encode(), qos=1))

    def test_nothing_acknowledged_is_lost(self):
        with MosquittoBroker() as broker, Gate(broker.ports["mqtt"]) as gate:
            config = ("name: edge\nbridges: [{name: cloud, type: mqtt, url: \"mqtt://127.0.0.1:" + str(gate.port) +
                      "\", out: [{filter: \"up/#\"}]}]\n")
            with Gateway(connectors=["mqtt"], config=config, store="fsync") as edge, PahoClient(broker.ports["mqtt"]) as cloud:
                cloud.subscribe("up/#")
                until(lambda: edge.admin("/healthz") == "ok\n", "the bridge is up")
                self.publish(edge, range(0, COUNT))
                gate.shut()
                until(lambda: edge.admin("/healthz").startswith("degraded"), "the bridge is down")
                self.publish(edge, range(COUNT, 2 * COUNT))
                edge.kill()
                edge.start_again()
                edge.wait_ready()
                self.publish(edge, range(2 * COUNT, 3 * COUNT))
                gate.open()
                got = []
                while not got or got[-1] != 3 * COUNT - 1:
                    got.append(int(cloud.receive(60).payload))
                first_seen = list(dict.fromkeys(got))
                self.assertEqual(first_seen, list(range(3 * COUNT)))


if __name__ == "__main__":
    unittest.main()
