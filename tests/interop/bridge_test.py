"""Bridges between gateways and a real mosquitto: rules, and a ring in which every message is seen once."""
import unittest

from support.clients import PahoClient
from support.gateway import Gateway, free_ports
from support.message import Message
from support.mosquitto_broker import MosquittoBroker
from support.wait import until


def bridge(name, port, out="[]", into="[]", **more):
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    return f"{{name: {name}, type: mqtt, url: \"mqtt://127.0.0.1:{port}\", out: {out}, in: {into}{extra}}}"


def bridged(name, *bridges):
    return Gateway(connectors=["mqtt"], config=f"name: {name}\nbridges: [{', '.join(bridges)}]\n")


def wait_for_bridges(*gateways):
    for gateway in gateways:
        until(lambda: gateway.admin("/healthz") == "ok\n", "the other side is there")


class Bridges(unittest.TestCase):
    def test_rules_rename_what_crosses(self):
        with MosquittoBroker() as broker, bridged("edge", bridge(
                "cloud", broker.ports["mqtt"], out='[{filter: "up/#", strip: up/, add: plants/edge/}]',
                into='[{filter: "commands/edge/#", strip: commands/edge/, add: commands/}]')) as edge:
            wait_for_bridges(edge)
            with PahoClient(broker.ports["mqtt"]) as cloud, PahoClient(edge.ports["mqtt"]) as machine:
                cloud.subscribe("#")
                machine.subscribe("#")
                machine.publish(Message("up/temperature", b"21", "text/plain", [("unit", "C")], qos=1))
                got = cloud.receive()
                self.assertEqual((got.topic, got.payload, got.content_type), ("plants/edge/temperature", b"21", "text/plain"))
                self.assertIn(("unit", "C"), got.headers)
                self.assertEqual(machine.receive().topic, "up/temperature")
                cloud.publish(Message("commands/edge/stop", b"now", qos=1))
                self.assertEqual(cloud.receive().topic, "commands/edge/stop")
                got = machine.receive()
                self.assertEqual((got.topic, got.payload), ("commands/stop", b"now"))

    def test_what_the_broker_keeps_comes_and_what_is_kept_here_goes(self):
        with MosquittoBroker() as broker:
            with PahoClient(broker.ports["mqtt"]) as cloud:
                cloud.publish(Message("state/cloud", b"1", qos=1, retain=True))
            with bridged("edge", bridge("cloud", broker.ports["mqtt"], out='[{filter: "state/#"}]', into='[{filter: "state/#"}]')) as edge:
                wait_for_bridges(edge)
                with PahoClient(edge.ports["mqtt"]) as machine:
                    machine.subscribe("state/cloud")
                    got = machine.receive()
                    self.assertEqual((got.payload, got.topic), (b"1", "state/cloud"))
                    machine.publish(Message("state/edge", b"2", qos=1, retain=True))

                    def kept():
                        with PahoClient(broker.ports["mqtt"]) as cloud:
                            cloud.subscribe("state/edge")
                            try:
                                return cloud.receive(1).payload == b"2"
                            except AssertionError:
                                return False
                    until(kept, "the broker keeps it")

    def test_a_ring_settles_with_every_message_seen_once(self):
        """Threat class 36: each gateway hands everything to the next one's MQTT door, round and round."""
        ports = free_ports(3)
        names = ["one", "two", "three"]
        gateways = []
        for number, name in enumerate(names):
            following = (number + 1) % 3
            gateway = Gateway(connectors=["mqtt"], config=f"name: {name}\nbridges: [" + bridge(
                "next", ports[following], out='[{filter: "#"}]', peer=names[following]) + "]\n", fixed={"mqtt": ports[number]})
            gateways.append(self.enterContext(gateway))
        wait_for_bridges(*gateways)
        readers = [self.enterContext(PahoClient(gateway.ports["mqtt"])) for gateway in gateways]
        for reader in readers:
            reader.subscribe("ring/#")
        for number, gateway in enumerate(gateways):
            with PahoClient(gateway.ports["mqtt"]) as publisher:
                publisher.publish(Message(f"ring/{names[number]}", b"x", qos=1))
        for reader in readers:
            self.assertEqual({reader.receive().topic for _ in range(3)}, {"ring/one", "ring/two", "ring/three"})
        with PahoClient(gateways[0].ports["mqtt"]) as publisher:
            publisher.publish(Message("ring/end", b"x", qos=1))
        for reader in readers:
            self.assertEqual(reader.receive().topic, "ring/end")


if __name__ == "__main__":
    unittest.main()
