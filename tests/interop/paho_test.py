"""Paho for Python, MQTT 3.1.1 and 5.0."""
import unittest

import paho.mqtt.client as paho

from support.clients import PahoClient
from support.gateway import Gateway
from support.message import Message


class Paho(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway())
        cls.port = cls.gateway.ports["mqtt"]

    def test_hears_its_name_and_the_configured_limit(self):
        with Gateway(config="limits: {packet: 1MiB}") as gateway, PahoClient(gateway.ports["mqtt"]) as client:
            self.assertEqual(client.connack, 0)
            self.assertEqual(client.connack_properties.MaximumPacketSize, 1 << 20)
            self.assertTrue(client.connack_properties.AssignedClientIdentifier)

    def test_everything_about_a_message_survives(self):
        with PahoClient(self.port) as client:
            client.subscribe("paho/#")
            sent = Message("paho/a", b"\0\xff", "application/x-test", [("a", "1"), ("a", "2"), ("b", "3")], "answers/paho", b"\1\2", 1)
            client.publish(sent)
            received = client.receive()
        self.assertEqual(received.meaning(), sent.meaning())
        self.assertEqual(received.headers, sent.headers)

    def test_a_thousand_messages_in_order_at_both_qualities_of_service(self):
        for version in (paho.MQTTv311, paho.MQTTv5):
            for qos in (0, 1):
                with self.subTest(version=version, qos=qos), PahoClient(self.port, version) as sender, PahoClient(self.port, version) as receiver:
                    receiver.subscribe("order", qos)
                    for number in range(1000):
                        sender.client.publish("order", str(number), qos)
                    self.assertEqual([int(receiver.receive().payload) for _ in range(1000)], list(range(1000)))

    def test_will_is_published_when_a_client_vanishes_and_not_when_it_says_goodbye(self):
        with PahoClient(self.port) as watcher:
            watcher.subscribe("wills/#")
            polite = PahoClient(self.port, will=Message("wills/polite", b"gone", qos=1))
            polite.close()
            rude = PahoClient(self.port, will=Message("wills/rude", b"gone", qos=1))
            rude.vanish()
            self.assertEqual(watcher.receive().topic, "wills/rude")

    def test_unsubscribed_means_silence(self):
        with PahoClient(self.port) as client:
            client.subscribe("a")
            client.subscribe("b")
            client.unsubscribe("a")
            client.publish(Message("a", b"unheard", qos=1))
            client.publish(Message("b", b"heard", qos=1))
            self.assertEqual(client.receive().payload, b"heard")


if __name__ == "__main__":
    unittest.main()
