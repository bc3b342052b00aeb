"""Threat 5: topics that begin with $ belong to the gateway: nobody publishes there, by whatever way, and no wildcard finds them."""
import unittest

from support import mqtt_packets as mqtt
from support.mqtt_cases import MqttCases
from support.mqtt_client import unique

SYSTEM = ("$SYS/broker/version", "$SYS/x", "$junctor/x", "$CONTROL/dynamic-security/v1", "$share/g/t", "$", "$dead-letters/x")


class SystemTopics(MqttCases):
    def watcher(self):
        client = self.subscriber("#", "+/#", "$CONTROL/#", "$junctor/#", "$dead-letters/#")
        client.drain()
        return client

    def refused(self, client, packet_id):
        """The publish was refused, or the connection ended."""
        got = client.read()
        if got is not None and got.kind == mqtt.PUBACK:
            self.assertEqual(got.packet_id, packet_id)
            self.assertGreaterEqual(got.reason, 0x80)
        elif got is not None:
            self.assertEqual(got.kind, mqtt.DISCONNECT)

    def test_publish(self):
        watcher = self.watcher()
        for topic in SYSTEM:
            for retain in (False, True):
                with self.subTest(topic=topic, retain=retain):
                    client = self.client()
                    client.send(mqtt.publish(client.version, topic, b"forged", 1, 1, retain))
                    self.refused(client, 1)
        self.expect_no_effect(watcher, unique("t"))
        later = self.subscriber("$SYS/x", "$junctor/#", "$CONTROL/#")
        later.send(mqtt.packet(mqtt.PINGREQ, 0, b""))
        while (got := later.read()).kind == mqtt.PUBLISH:
            self.assertNotEqual(got.payload, b"forged", "nothing was retained")

    def test_publish_by_alias(self):
        client = self.client()
        client.send(mqtt.publish(client.version, "$SYS/x", b"forged", 1, 1, topic_alias=1))
        self.refused(client, 1)

    def test_will(self):
        watcher = self.watcher()
        for topic in SYSTEM:
            with self.subTest(topic):
                client = self.stranger()
                client.send(mqtt.connect(client.version, unique(), will=mqtt.Will(topic, b"forged", retain=True)))
                if client.read().reason == 0:
                    client.cut()
        self.expect_no_effect(watcher, unique("t"))

    def test_response_topic(self):
        """A reply address is no right to publish there."""
        topic = unique("t")
        responder = self.subscriber(topic)
        if self.client().publish(topic, b"question", 1, response_topic="$SYS/x") >= 0x80:
            return
        responder.receive(payload=b"question")
        responder.send(mqtt.publish(responder.version, "$SYS/x", b"forged", 1, 9))
        self.refused(responder, 9)


if __name__ == "__main__":
    unittest.main()
