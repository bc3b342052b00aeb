"""Threat 2: an identity that looks like a wildcard or a level opens nothing beyond what its own rules say."""
import unittest

from support import mqtt_packets as mqtt
from support.gateway import Gateway
from support.mqtt_client import Client

POLICY = """
policy:
  authenticators: [{type: anonymous}]
  authorizers:
    - type: acl
      rules:
        - {allow: [connect]}
        - {allow: [publish, subscribe], topics: ["own/${client_id}/#", "name-${client_id}"]}
        - {allow: [publish], topics: [start]}
"""
HOSTILE = ("#", "+", "+/#", "a/b", "own", "victim/#", "/", "*", ">", "$share/g/own", "${client_id}", "%2B")
FILTERS = ("#", "+/#", "own/#", "own/+/#", "own/+", "own/victim/#", "own/victim", "name-+", "+", "name-victim", "$share/g/own/victim/#")


class IdentityWildcards(unittest.TestCase):
    def test_no_client_id_reads_what_is_another_ones(self):
        with Gateway(config=POLICY) as gateway, Client(gateway.ports["mqtt"]) as victim:
            victim.connect("victim")
            self.assertEqual(list(victim.subscribe("own/victim/#")), [0])
            for hostile in HOSTILE:
                with self.subTest(hostile), Client(gateway.ports["mqtt"]) as client:
                    client.connect(hostile)
                    for wanted in FILTERS:
                        self.assertGreaterEqual(client.subscribe(wanted)[0], 0x80, wanted)
                    self.assertGreaterEqual(client.publish("own/victim/x", b"forged", 1), 0x80)
            victim.send(mqtt.publish(victim.version, "own/victim/x", b"true"))
            victim.receive(payload=b"true")

    def test_letters_that_other_systems_give_meaning_to_are_letters(self):
        with Gateway(config=POLICY) as gateway:
            for name in ("*", ">", "a.b", "%2F"):
                with self.subTest(name), Client(gateway.ports["mqtt"]) as client:
                    client.connect(name)
                    self.assertEqual(list(client.subscribe(f"own/{name}/#")), [0])
                    client.send(mqtt.publish(client.version, f"own/{name}/x", b"x"))
                    client.receive(payload=b"x")


if __name__ == "__main__":
    unittest.main()
