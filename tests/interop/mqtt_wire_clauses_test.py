"""MQTT, sections 1.5, 2, 4.7.3 and 4.8: text, flags, packet identifiers, and what is no packet."""
from support import mqtt_packets as mqtt, record
from support.mqtt_cases import MqttCases
from support.mqtt_client import unique

NOT_TEXT = [b"\xff", b"a\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf4\x90\x80\x80", b"a\0b"]


class Cases:
    def connect_forms(self, text):
        yield mqtt.connect(self.version, text)
        yield mqtt.connect(self.version, "c", will=mqtt.Will(text))
        yield mqtt.connect(self.version, "c", username=text)

    def test_connect_with_what_is_no_text_is_refused(self):
        for text in NOT_TEXT:
            for packet in self.connect_forms(text):
                with self.subTest(text=text, packet=packet):
                    client = self.stranger()
                    client.send(packet)
                    self.expect_refused(client)

    def test_topics_and_filters_that_are_no_text_end_the_connection(self):
        for text in NOT_TEXT:
            for packet in (mqtt.publish(self.version, text), mqtt.subscribe(self.version, 1, (text, 0)),
                           mqtt.unsubscribe(self.version, 1, text)):
                with self.subTest(text=text, packet=packet):
                    client = self.client()
                    client.send(packet)
                    client.expect_goodbye(0x81, 0x82, 0x90)

    def test_a_byte_order_mark_stays_in_a_topic(self):
        plain = unique("bom")
        subscriber = self.subscriber("\ufeff" + plain)
        publisher = self.client()
        publisher.publish(plain, b"another topic")
        publisher.publish("\ufeff" + plain, b"this one")
        subscriber.receive(topic=b"\xef\xbb\xbf" + plain.encode(), payload=b"this one")

    def test_wrong_flags_end_the_connection(self):
        packets = {
            "PUBACK": mqtt.acknowledge(self.version, mqtt.PUBACK, 1, flags=1),
            "PUBREC": mqtt.acknowledge(self.version, mqtt.PUBREC, 1, flags=8),
            "PUBREL": mqtt.acknowledge(self.version, mqtt.PUBREL, 1, flags=0),
            "PUBREL 3": mqtt.acknowledge(self.version, mqtt.PUBREL, 1, flags=3),
            "PUBCOMP": mqtt.acknowledge(self.version, mqtt.PUBCOMP, 1, flags=2),
            "SUBSCRIBE": mqtt.subscribe(self.version, 1, ("a", 0), flags=0),
            "SUBSCRIBE 3": mqtt.subscribe(self.version, 1, ("a", 0), flags=3),
            "UNSUBSCRIBE": mqtt.unsubscribe(self.version, 1, "a", flags=0),
            "PINGREQ": mqtt.packet(mqtt.PINGREQ, 1, b""),
            "DISCONNECT": mqtt.disconnect(self.version, flags=1),
            "a kind of 0": mqtt.packet(0, 0, b""),
        }
        for name, packet in packets.items():
            with self.subTest(name):
                client = self.client()
                client.send(packet)
                client.expect_goodbye(0x81, 0x82)

    def test_connect_with_flags_is_refused(self):
        client = self.stranger()
        client.send(b"\x11" + mqtt.connect(self.version, unique())[1:])
        self.expect_refused(client)

    def test_an_identifier_of_zero_ends_the_connection(self):
        for packet in (mqtt.publish(self.version, "a", b"", 1, 0), mqtt.publish(self.version, "a", b"", 2, 0),
                       mqtt.subscribe(self.version, 0, ("a", 0)), mqtt.unsubscribe(self.version, 0, "a")):
            with self.subTest(packet=packet):
                client = self.client()
                client.send(packet)
                client.expect_goodbye(0x81, 0x82)

    def test_qos_0_has_no_identifier(self):
        topic = unique("t")
        subscriber = self.subscriber((topic, 2))
        self.client().publish(topic, b"\0\x07payload")
        got = subscriber.receive(qos=0, packet_id=None, payload=b"\0\x07payload")
        self.assertEqual(got.body, mqtt.text(topic) + (b"\0" if self.version == mqtt.V5 else b"") + b"\0\x07payload")

    def test_answers_repeat_the_identifier(self):
        client = self.client()
        for packet_id in (1, 255, 256, 65535):
            client.send(mqtt.subscribe(self.version, packet_id, ("nobody/publishes", 2)))
            client.expect(mqtt.SUBACK, packet_id=packet_id)
            client.send(mqtt.unsubscribe(self.version, packet_id, "nobody/publishes"))
            client.expect(mqtt.UNSUBACK, packet_id=packet_id)
            client.send(mqtt.publish(self.version, "a", b"", 1, packet_id))
            client.expect(mqtt.PUBACK, packet_id=packet_id)
            client.send(mqtt.publish(self.version, "a", b"", 2, packet_id))
            client.expect(mqtt.PUBREC, packet_id=packet_id)
            client.acknowledge(mqtt.PUBREL, packet_id)
            client.expect(mqtt.PUBCOMP, packet_id=packet_id)

    def test_identifiers_are_free_again_only_after_the_last_acknowledgement(self):
        topic = unique("t")
        subscriber = self.subscriber((topic, 2))
        publisher = self.client()
        for qos in (1, 2, 1, 2):
            publisher.publish(topic, b"first", qos)
        out = [subscriber.expect(mqtt.PUBLISH) for _ in range(4)]
        held = {each.packet_id for each in out}
        self.assertEqual(len(held - {0}), 4, "four identifiers, none zero")
        received = next(each for each in out if each.qos == 2)
        subscriber.acknowledge(mqtt.PUBREC, received.packet_id)
        subscriber.expect(mqtt.PUBREL, packet_id=received.packet_id)
        for _ in range(30):
            publisher.publish(topic, b"next", 1)
            self.assertNotIn(subscriber.receive(payload=b"next").packet_id, held)

    def test_empty_topics_and_filters_end_the_connection(self):
        for packet in (mqtt.publish(self.version, ""), mqtt.subscribe(self.version, 1, ("", 0)), mqtt.unsubscribe(self.version, 1, "")):
            with self.subTest(packet=packet):
                client = self.client()
                client.send(packet)
                client.expect_goodbye()

    def test_a_topic_may_take_65535_bytes(self):
        topic = "t" * (65535 - 8) + unique("long")[:8].rjust(8, "x")
        subscriber = self.subscriber(topic)
        self.client().publish(topic, b"far")
        subscriber.receive(topic=topic.encode(), payload=b"far")

    def test_topics_are_compared_as_they_are(self):
        base = unique("t")
        pairs = [("e\u0301", "\u00e9"), ("A", "a"), ("a ", "a"), ("a/", "a"), ("/a", "a"), ("a//b", "a/b")]
        publisher = self.client()
        for wanted, other in pairs:
            with self.subTest(wanted=wanted):
                subscriber = self.subscriber(base + wanted)
                publisher.publish(base + other, b"other")
                publisher.publish(base + wanted, b"wanted")
                subscriber.receive(payload=b"wanted")

    def test_packets_that_are_cut_off_or_too_long_end_the_connection(self):
        whole = {"SUBSCRIBE": mqtt.subscribe(self.version, 1, ("a", 0))[2:], "UNSUBSCRIBE": mqtt.unsubscribe(self.version, 1, "a")[2:],
                 "PUBLISH": mqtt.publish(self.version, "a", b"", 1, 1)[2:]}
        for name, body in whole.items():
            kind, flags = {"SUBSCRIBE": (mqtt.SUBSCRIBE, 2), "UNSUBSCRIBE": (mqtt.UNSUBSCRIBE, 2), "PUBLISH": (mqtt.PUBLISH, 2)}[name]
            for size in range(len(body)):
                with self.subTest(name, size=size):
                    client = self.client()
                    client.send(mqtt.packet(kind, flags, body[:size]))
                    client.expect_goodbye()


class Version311(Cases, MqttCases):
    version = mqtt.V3_1_1


class Version5(Cases, MqttCases):
    def test_properties_that_are_no_text_end_the_connection(self):
        for text in NOT_TEXT:
            for values in ({"content_type": text}, {"response_topic": text}, {"user_property": (text, "value")},
                           {"user_property": ("name", text)}):
                with self.subTest(values):
                    client = self.client()
                    client.send(mqtt.publish(self.version, "a", **values))
                    client.expect_goodbye(0x81, 0x82)

    def test_a_length_of_more_bytes_than_needed_is_malformed(self):
        for packet in (b"\xc0\x80\x00", b"\x30\x84\x00\x00\x01a\x00", b"\x30\x05\x00\x01a\x80\x00"):
            with self.subTest(packet):
                client = self.client()
                client.send(packet)
                client.expect_goodbye(0x81)

    def test_an_empty_property_list_is_a_length_of_zero(self):
        client = self.client()
        client.send(mqtt.subscribe(self.version, 1, ("a", 0)))
        self.assertEqual(client.expect(mqtt.SUBACK).body, b"\0\x01" + b"\0" + b"\0")
        client.send(mqtt.unsubscribe(self.version, 1, "a"))
        self.assertEqual(client.expect(mqtt.UNSUBACK).body, b"\0\x01" + b"\0" + b"\0")
        stranger = self.stranger()
        stranger.send(mqtt.connect_with(self.version, 2, mqtt.text(unique()), block=b""))
        self.expect_refused(stranger)

    def test_auth_with_flags_ends_the_connection(self):
        client = self.client()
        client.send(mqtt.auth(0x19, flags=1, authentication_method="any"))
        client.expect_goodbye(0x81, 0x82)


if __name__ == "__main__":
    record.main()
