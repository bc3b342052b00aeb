"""Threat class 36, bridge loops: three gateways in a ring, each joined to the next by another system (a mosquitto, the event bus of a Vert.x
application, a Synapse). Every message is seen once everywhere, and the ring settles."""
import contextlib
import unittest

from support.clients import PahoClient
from support.gateway import Gateway
from support.message import Message
from support.metrics import total
from support.mosquitto_broker import MosquittoBroker
from support.synapse import Synapse
from support.vertx import VertxApplication
from support.wait import until

NAMES = ("one", "two", "three")
MESSAGES = 10
OUT, IN = 'out: [{filter: "ring/#"}]', 'in: [{filter: "ring/#"}]'


class Ring:
    """Use as a context: what `one` hears crosses the mosquitto to `two`, from there the event bus to `three`, and from there the room to `one`."""

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            broker = f"type: mqtt, url: \"mqtt://127.0.0.1:{stack.enter_context(MosquittoBroker()).ports['mqtt']}\""
            bus = f"type: vertx, url: \"vertx://127.0.0.1:{stack.enter_context(VertxApplication()).port}\""
            rooms = stack.enter_context(Synapse("three", "one"))
            sides = {"one": (("room", rooms.settings("one"), IN), ("broker", broker, OUT)),
                     "two": (("broker", broker, IN), ("bus", bus, OUT)),
                     "three": (("bus", bus, IN), ("room", rooms.settings("three"), OUT))}
            self.gateways = [stack.enter_context(self.gateway(name, sides[name])) for name in NAMES]
            for gateway in self.gateways:
                until(lambda: gateway.admin("/healthz") == "ok\n", "both neighbours are there", 120)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *failure):
        return self._stack.__exit__(*failure)

    @staticmethod
    def gateway(name, sides):
        bridges = ", ".join(f"{{name: {side}, {settings}, {rules}}}" for side, settings, rules in sides)
        return Gateway(connectors=["mqtt"], config=f"name: {name}\nbridges: [{bridges}]\n")


class BridgeRing(unittest.TestCase):
    def test_a_ring_of_three_systems_settles_with_every_message_seen_once(self):
        with Ring() as ring, contextlib.ExitStack() as stack:
            clients = [stack.enter_context(PahoClient(gateway.ports["mqtt"])) for gateway in ring.gateways]
            for client in clients:
                client.subscribe("ring/#")
            for number in range(MESSAGES):
                for name, client in zip(NAMES, clients):
                    client.publish(Message(f"ring/{name}", str(number).encode(), qos=1))
            for client in clients:
                heard = [client.receive() for _ in range(len(NAMES) * MESSAGES)]
                for name in NAMES:
                    self.assertEqual([int(each.payload) for each in heard if each.topic == f"ring/{name}"], list(range(MESSAGES)))
            # Each message has gone round and was refused where it came from: nothing is under way any more.
            for gateway in ring.gateways:
                until(lambda: total(gateway, "junctor_bridge_loops_total") >= MESSAGES, "what came back is refused")
            for client in clients:
                client.publish(Message("ring/end", b"", qos=1))
            for client in clients:
                self.assertEqual([client.receive().topic for _ in NAMES], ["ring/end"] * len(NAMES))


if __name__ == "__main__":
    unittest.main()
