"""Threat 17: packets that only a server sends, that come too early, too late or twice end one connection and cost nothing."""
import unittest

from support import mqtt_packets as mqtt
from support.bystander import Bystander
from support.mqtt_cases import MqttCases
from support.mqtt_client import unique

FROM_SERVERS = {
    "CONNACK": b"\x20\x03\0\0\0", "SUBACK": b"\x90\x04\0\x01\0\0", "UNSUBACK": b"\xb0\x04\0\x01\0\0", "PINGRESP": b"\xd0\0",
}
MIB = 1 << 20


class WrongState(MqttCases):
    options = {"measured": True}

    def test_what_only_a_server_sends(self):
        with Bystander(self.gateway) as bystander:
            for name, packet in FROM_SERVERS.items():
                with self.subTest(name):
                    stranger = self.stranger()
                    stranger.send(packet)
                    stranger.expect_end()
                    client = self.client()
                    client.send(packet)
                    client.expect_goodbye(0x82, 0x81)
                    bystander.check()

    def test_acknowledgements_of_nothing(self):
        client = self.client()
        for packet_id in (1, 2, 65535):
            for kind in (mqtt.PUBACK, mqtt.PUBCOMP):
                client.acknowledge(kind, packet_id)
            client.acknowledge(mqtt.PUBREC, packet_id)
            client.expect(mqtt.PUBREL, packet_id=packet_id)
            client.acknowledge(mqtt.PUBREL, packet_id)
            client.expect(mqtt.PUBCOMP, packet_id=packet_id)
        client.expect_nothing()

    def test_acknowledgements_of_the_wrong_kind(self):
        for qos, wrong in ((1, mqtt.PUBREC), (1, mqtt.PUBCOMP), (2, mqtt.PUBACK), (2, mqtt.PUBCOMP)):
            with self.subTest(qos=qos, wrong=wrong), Bystander(self.gateway) as bystander:
                topic = unique("t")
                client = self.subscriber((topic, 2))
                self.client().publish(topic, b"x", qos)
                client.acknowledge(wrong, client.expect(mqtt.PUBLISH).packet_id)
                client.expect_goodbye(0x82)
                bystander.check()

    def test_one_identifier_again_and_again(self):
        """A QoS 2 message that is never released, repeated: one message, one entry."""
        topic = unique("t")
        watcher = self.subscriber((topic, 1))
        client = self.client()
        before = self.gateway.resident_bytes()
        for _ in range(2_000):
            client.send(mqtt.publish(client.version, topic, b"x" * 1_000, 2, 7, dup=True))
            client.expect(mqtt.PUBREC, packet_id=7)
        watcher.receive()
        self.expect_no_effect(watcher, topic)
        self.assertLess(self.gateway.resident_bytes() - before, 8 * MIB)

    def test_identifiers_that_are_never_released(self):
        """No client holds more of them than its Receive Maximum."""
        client = self.client()
        maximum = client.connack.properties["receive_maximum"]
        client.send(*(mqtt.publish(client.version, "a", b"x", 2, number) for number in range(1, maximum + 2)))
        while (got := client.read()).kind == mqtt.PUBREC:
            pass
        self.assertEqual((got.kind, got.reason), (mqtt.DISCONNECT, 0x93))

    def test_after_the_goodbye(self):
        with Bystander(self.gateway) as bystander:
            client = self.client()
            client.send(mqtt.disconnect(client.version), *FROM_SERVERS.values(), mqtt.connect(client.version, client.client_id))
            client.expect_end()
            bystander.check()


if __name__ == "__main__":
    unittest.main()
