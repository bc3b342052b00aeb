"""MQTT, sections 3.3 to 3.7, 4.3, 4.6 and 4.9: messages, their acknowledgement, retained messages, aliases and flow control."""
from support import mqtt_packets as mqtt, record
from support.mqtt_cases import MqttCases
from support.mqtt_client import unique


class Cases:
    def subscribed(self, topic, qos=2, **options):
        return self.subscriber((topic, qos), **options)

    # Acknowledgement

    def test_a_message_is_answered_by_its_qos(self):
        client = self.client()
        client.send(mqtt.publish(self.version, "a", b"0", 0))
        client.expect_nothing()
        client.send(mqtt.publish(self.version, "a", b"1", 1, 11))
        client.expect(mqtt.PUBACK, packet_id=11)
        client.send(mqtt.publish(self.version, "a", b"2", 2, 12))
        client.expect(mqtt.PUBREC, packet_id=12)
        client.acknowledge(mqtt.PUBREL, 12)
        client.expect(mqtt.PUBCOMP, packet_id=12)

    def test_a_delivery_begins_without_dup(self):
        topic = unique("t")
        client, publisher = self.subscribed(topic), self.client()
        for qos in (0, 1, 2):
            publisher.publish(topic, b"x", qos)
            client.receive(qos=qos, dup=False)

    def test_dup_of_the_publisher_is_not_passed_on(self):
        topic = unique("t")
        client, publisher = self.subscribed(topic), self.client()
        for qos in (1, 2):
            publisher.publish(topic, b"x", qos, dup=True)
            client.receive(qos=qos, dup=False)

    def test_after_puback_the_identifier_means_a_new_message(self):
        topic = unique("t")
        client, publisher = self.subscribed(topic), self.client()
        for payload, dup in ((b"one", False), (b"two", True)):
            publisher.send(mqtt.publish(self.version, topic, payload, 1, 5, dup=dup))
            publisher.expect(mqtt.PUBACK, packet_id=5)
            client.receive(payload=payload)

    def test_qos_2_is_delivered_once_until_pubcomp(self):
        topic = unique("t")
        client, publisher = self.subscribed(topic), self.client()
        for payload in (b"one", b"two"):
            for dup in (False, True, True):
                publisher.send(mqtt.publish(self.version, topic, payload, 2, 5, dup=dup))
                publisher.expect(mqtt.PUBREC, packet_id=5)
            publisher.acknowledge(mqtt.PUBREL, 5)
            publisher.expect(mqtt.PUBCOMP, packet_id=5)
            client.receive(payload=payload)
        self.expect_no_effect(client, topic)

    def test_the_server_sends_pubrel_after_pubrec_and_never_again_the_message(self):
        topic = unique("t")
        client = self.subscribed(topic)
        self.client().publish(topic, b"x", 2)
        packet_id = client.expect(mqtt.PUBLISH, qos=2).packet_id
        client.acknowledge(mqtt.PUBREC, packet_id)
        client.expect(mqtt.PUBREL, packet_id=packet_id)
        client.acknowledge(mqtt.PUBREC, packet_id)
        client.expect(mqtt.PUBREL, packet_id=packet_id)
        client.acknowledge(mqtt.PUBCOMP, packet_id)
        client.expect_nothing()

    # Forms

    def test_qos_3_ends_the_connection(self):
        client = self.client()
        client.send(mqtt.publish(self.version, "a", b"x", 3, 1))
        client.expect_goodbye(0x81)

    def test_qos_0_with_dup_ends_the_connection(self):
        client = self.client()
        client.send(mqtt.publish(self.version, "a", b"x", 0, dup=True))
        client.expect_goodbye(0x81, 0x82)

    def test_wildcards_in_a_topic_end_the_connection(self):
        for topic in ("#", "+", "a/#", "a/+/b", "a+b", "a#"):
            with self.subTest(topic):
                client = self.client()
                client.send(mqtt.publish(self.version, topic, b"x"))
                client.expect_goodbye(0x81, 0x82, 0x90)

    # Order

    def test_messages_of_a_publisher_keep_their_order(self):
        topic = unique("t")
        for qos in (0, 1, 2):
            client, publisher = self.subscribed(topic), self.client()
            numbers = [b"%d" % number for number in range(200)]
            for at in range(0, 200, 10):
                publisher.send(*(mqtt.publish(self.version, topic, payload, qos, at + offset + 1 if qos else None)
                                 for offset, payload in enumerate(numbers[at:at + 10])))
                for offset in range(10 if qos else 0):
                    publisher.expect(mqtt.PUBACK if qos == 1 else mqtt.PUBREC, packet_id=at + offset + 1)
                for offset in range(10 if qos == 2 else 0):
                    publisher.acknowledge(mqtt.PUBREL, at + offset + 1)
                    publisher.expect(mqtt.PUBCOMP, packet_id=at + offset + 1)
            received = []
            while len(received) < 200:
                got = client.read()
                if got.kind == mqtt.PUBLISH:
                    received.append(got.payload)
                if got.kind == mqtt.PUBLISH and qos:
                    client.acknowledge(mqtt.PUBACK if qos == 1 else mqtt.PUBREC, got.packet_id)
                if got.kind == mqtt.PUBREL:
                    client.acknowledge(mqtt.PUBCOMP, got.packet_id)
            self.assertEqual(received, numbers)
            client.cut()

    # Retained messages

    def test_a_retained_message_is_kept_for_later_subscribers(self):
        topic = unique("t")
        online, publisher = self.subscribed(topic), self.client()
        for payload, qos in ((b"first", 1), (b"second", 2)):
            publisher.publish(topic, payload, qos, retain=True)
            online.receive(payload=payload, qos=qos, retain=False)
        later = self.subscribed(topic)
        later.receive(payload=b"second", qos=2, retain=True)
        later.expect_nothing()
        self.subscribed(topic, 0).receive(payload=b"second", qos=0, retain=True)

    def test_a_wildcard_finds_every_retained_message(self):
        base = unique("t")
        publisher = self.client()
        for level in ("a", "b", "a/deep"):
            publisher.publish(f"{base}/{level}", level.encode(), 1, retain=True)
        client = self.subscribed(base + "/#")
        got = {client.receive(retain=True).payload for _ in range(3)}
        self.assertEqual(got, {b"a", b"b", b"a/deep"})
        client.expect_nothing()

    def test_qos_0_replaces_the_retained_message_too(self):
        topic = unique("t")
        publisher = self.client()
        publisher.publish(topic, b"old", 1, retain=True)
        publisher.publish(topic, b"new", 0, retain=True)
        client = self.subscribed(topic)
        client.send(mqtt.packet(mqtt.PINGREQ, 0, b""))
        if (got := client.read()).kind == mqtt.PUBLISH:
            self.assertEqual(got.payload, b"new")

    def test_an_empty_message_clears_what_is_retained(self):
        topic = unique("t")
        online, publisher = self.subscribed(topic), self.client()
        publisher.publish(topic, b"x", 1, retain=True)
        online.receive(payload=b"x")
        publisher.publish(topic, b"", 1, retain=True)
        online.receive(payload=b"", retain=False)
        self.subscribed(topic).expect_nothing()

    def test_without_retain_nothing_is_kept_or_changed(self):
        topic = unique("t")
        publisher = self.client()
        publisher.publish(topic, b"x", 1)
        self.subscribed(topic).expect_nothing()
        publisher.publish(topic, b"kept", 1, retain=True)
        publisher.publish(topic, b"passes", 1)
        publisher.publish(topic, b"", 1)
        client = self.subscribed(topic)
        client.receive(payload=b"kept", retain=True)
        client.expect_nothing()

    # Delivery

    def test_a_delivery_has_the_lower_qos(self):
        topic = unique("t")
        publisher = self.client()
        for granted in (0, 1, 2):
            client = self.subscribed(topic, granted)
            for published in (0, 1, 2):
                publisher.publish(topic, b"x", published)
                client.receive(topic=topic.encode(), qos=min(granted, published))
            client.cut()

    def test_overlapping_subscriptions_deliver_at_the_highest_qos(self):
        base = unique("t")
        client = self.subscriber((base + "/#", 0), (base + "/+", 2), (base + "/a", 1))
        self.client().publish(base + "/a", b"x", 2)
        client.receive(qos=2)

    def test_every_subscriber_gets_a_copy(self):
        topic = unique("t")
        clients = [self.subscribed(filter) for filter in (topic, topic + "/#", topic)]
        self.client().publish(topic, b"x", 1)
        for client in clients:
            client.receive(payload=b"x")


class Version311(Cases, MqttCases):
    version = mqtt.V3_1_1


class Version5(Cases, MqttCases):
    def test_properties_reach_every_subscriber_unchanged(self):
        topic = unique("t")
        said = {"payload_format": 1, "content_type": "text/plain", "response_topic": "reply/here", "correlation_data": b"\0\xff\x01",
                "user_property": [("b", "1"), ("a", "é"), ("b", ""), ("", "x"), ("b", "1")]}
        clients = [self.subscribed(topic, qos) for qos in (0, 1, 2)]
        publisher = self.client()
        for qos in (0, 1, 2):
            publisher.publish(topic, b"text", qos, **said)
            for client in clients:
                self.assertEqual(client.receive().properties, said)
        publisher.publish(topic, b"kept", 1, retain=True, **said)
        self.assertEqual(self.subscribed(topic).receive(retain=True).properties, said)

    def test_payload_format_0_does_not_become_1(self):
        topic = unique("t")
        client = self.subscribed(topic)
        self.client().publish(topic, b"x", payload_format=0)
        self.assertEqual(client.receive().properties.get("payload_format", 0), 0)

    def test_a_response_topic_with_wildcards_ends_the_connection(self):
        for topic in ("#", "a/+", "a/#/b"):
            client = self.client()
            client.send(mqtt.publish(self.version, "a", response_topic=topic))
            client.expect_goodbye(0x82)

    def test_expiry_counts_down_in_the_server(self):
        topic, will = unique("t"), unique("will")
        publisher = self.client(will=mqtt.Will(will), keep_alive=1)
        watcher = self.subscriber(will)
        publisher.publish(topic, b"short", 1, retain=True, message_expiry=1)
        publisher.publish(topic + "/long", b"long", 1, retain=True, message_expiry=100)
        watcher.receive()  # the keep-alive has run out: one and a half seconds have passed
        client = self.subscribed(topic + "/#")
        left = client.receive(payload=b"long").properties["message_expiry"]
        self.assertIn(left, (97, 98, 99))
        client.expect_nothing()

    # Aliases from the client

    def test_every_alias_up_to_the_maximum_is_taken(self):
        base = unique("t")
        client, publisher = self.subscribed(base + "/+"), self.client()
        maximum = publisher.connack.properties["topic_alias_maximum"]
        for alias in range(1, maximum + 1):
            publisher.publish(f"{base}/{alias}", b"named", 1, topic_alias=alias)
            client.receive(topic=f"{base}/{alias}".encode())
        for alias in range(maximum, 0, -1):
            publisher.publish("", b"by alias", 1, topic_alias=alias)
            client.receive(topic=f"{base}/{alias}".encode(), payload=b"by alias")

    def test_aliases_end_with_the_connection(self):
        client_id = unique("kept")
        first = self.kept(client_id)
        first.publish("a", b"x", 1, topic_alias=1)
        first.leave()
        again = self.kept(client_id)
        again.send(mqtt.publish(self.version, "", b"x", 1, 1, topic_alias=1))
        again.expect_goodbye(0x82, 0x94)

    def test_aliases_beyond_the_limits_end_the_connection(self):
        for alias in (0, 65535):
            client = self.client()
            client.send(mqtt.publish(self.version, "a", topic_alias=alias))
            client.expect_goodbye(0x94)

    # Aliases to the client

    def test_who_allows_no_alias_gets_none(self):
        topic = unique("t")
        clients = [self.subscribed(topic), self.subscribed(topic, topic_alias_maximum=0)]
        publisher = self.client()
        for count in range(20):
            publisher.publish(topic, b"%d" % count, count % 3)
            for client in clients:
                got = client.receive(topic=topic.encode())
                self.assertNotIn("topic_alias", got.properties)

    def test_aliases_to_the_client_stay_within_its_maximum(self):
        base, client_id = unique("topic/that/is/worth/an/alias"), unique("kept")
        publisher = self.client()
        used = 0
        for connection in range(2):
            client = self.kept(client_id, topic_alias_maximum=2)
            client.subscribe((base + "/+", 2))
            names = {}
            for count in range(24):
                topic = f"{base}/{count // 2 % 4}".encode()
                publisher.publish(topic.decode(), b"x", count % 3)
                got = client.receive()
                alias = got.properties.get("topic_alias")
                self.assertIn(alias, (None, 1, 2))
                if got.topic and alias:
                    names[alias] = got.topic
                used += not got.topic
                self.assertEqual(got.topic or names[alias], topic)
            client.cut()
        self.assertGreater(used, 0, "an alias stands for a topic now and then")

    # Subscription identifiers

    def test_a_delivery_lists_the_identifiers_of_all_that_match(self):
        base = unique("t")
        client = self.client()
        client.subscribe((base + "/#", 0), subscription_id=1)
        client.subscribe((base + "/+", 2), subscription_id=268_435_455)
        client.subscribe((base + "/a", 1))
        publisher = self.client()
        publisher.publish(base + "/a", b"all", 2)
        got = client.receive(qos=2)
        self.assertEqual(sorted(got.properties["subscription_id"]), [1, 268_435_455])
        client.expect_nothing()
        publisher.publish(base + "/b/c", b"one", 2)
        self.assertEqual(client.receive(qos=0).properties["subscription_id"], [1])

    def test_a_subscription_identifier_from_a_client_goes_no_further(self):
        topic = unique("t")
        watcher = self.subscribed(topic)
        client = self.client()
        client.send(mqtt.publish(self.version, topic, b"x", 1, 1, subscription_id=7))
        got = client.read()
        if got is not None and got.kind == mqtt.PUBACK:
            self.assertNotIn("subscription_id", watcher.receive().properties)
        elif got is not None:
            self.assertEqual((got.kind, got.reason), (mqtt.DISCONNECT, 0x82))

    # Flow control

    def test_the_server_stays_within_the_receive_maximum(self):
        topic, other = unique("t"), unique("t")
        client = self.subscriber((topic, 2), (other, 0), receive_maximum=2)
        publisher = self.client()
        for count in range(6):
            publisher.publish(topic, b"%d" % count, 1 + count % 2)
        first, second = client.expect(mqtt.PUBLISH, payload=b"0"), client.expect(mqtt.PUBLISH, payload=b"1")
        client.expect_nothing()
        self.assertEqual(client.subscribe("another"), [0])
        self.assertEqual(client.publish("a", b"x", 1) & 0x80, 0)
        client.acknowledge(mqtt.PUBACK, first.packet_id)
        third = client.expect(mqtt.PUBLISH, payload=b"2")
        client.acknowledge(mqtt.PUBREC, second.packet_id)
        client.expect(mqtt.PUBREL, packet_id=second.packet_id)
        client.expect_nothing()
        client.acknowledge(mqtt.PUBCOMP, second.packet_id)
        client.receive(payload=b"3")
        client.acknowledge(mqtt.PUBACK, third.packet_id)
        client.receive(payload=b"4")
        client.receive(payload=b"5")

    def test_a_client_that_exceeds_the_receive_maximum_is_cut_off(self):
        client = self.client()
        maximum = client.connack.properties["receive_maximum"]
        client.send(*(mqtt.publish(self.version, "a", b"x", 2, number) for number in range(1, maximum + 2)))
        while (got := client.read()).kind == mqtt.PUBREC:
            pass
        self.assertEqual((got.kind, got.reason), (mqtt.DISCONNECT, 0x93))
        client.expect_end()

    def test_what_is_too_large_for_a_client_counts_as_delivered(self):
        topic, client_id = unique("t"), unique("kept")
        client = self.kept(client_id, maximum_packet_size=100)
        client.subscribe((topic, 2))
        publisher = self.client()
        for qos in (0, 1, 2):
            publisher.publish(topic, b"x" * 100, qos)
            publisher.publish(topic, b"small", qos)
            self.assertLessEqual(client.receive(payload=b"small", qos=qos).size, 100)
        client.leave()
        publisher.publish(topic, b"y" * 100, 1)
        client = self.kept(client_id, maximum_packet_size=100)
        client.expect_nothing()
        client.leave()
        self.kept(client_id).expect_nothing()

    def test_acknowledgements_have_codes_of_their_tables(self):
        topic = unique("t")
        publisher = self.client()
        self.assertEqual(publisher.publish(topic, b"nobody", 1), 0x10)
        self.assertIn(publisher.publish(topic, b"nobody", 2), (0x00, 0x10))
        client = self.subscribed(topic)
        self.assertEqual(publisher.publish(topic, b"somebody", 1), 0)
        client.receive()
        publisher.acknowledge(mqtt.PUBREL, 999)
        self.assertIn(publisher.expect(mqtt.PUBCOMP, packet_id=999).reason, (0x00, 0x92))
        publisher.acknowledge(mqtt.PUBREC, 998)
        self.assertIn(publisher.expect(mqtt.PUBREL, packet_id=998).reason, (0x00, 0x92))

    def test_codes_outside_their_tables_end_the_connection(self):
        for kind, code in ((mqtt.PUBACK, 0x01), (mqtt.PUBREC, 0x92), (mqtt.PUBREL, 0x10), (mqtt.PUBCOMP, 0x80)):
            with self.subTest(kind=kind):
                client = self.client()
                client.acknowledge(kind, 1, code)
                client.expect_goodbye(0x81, 0x82)
        client = self.client()
        client.send(mqtt.disconnect(self.version, 0x01))
        while (got := client.read()) is not None:
            self.assertEqual((got.kind, got.reason), (mqtt.DISCONNECT, 0x81))

    def test_expiry_does_not_break_off_an_acknowledgement(self):
        topic, will = unique("t"), unique("will")
        watcher, publisher = self.subscriber(will), self.client()
        timer = self.client(will=mqtt.Will(will), keep_alive=1)
        publisher.send(mqtt.publish(self.version, topic, b"x", 2, 3, message_expiry=1))
        publisher.expect(mqtt.PUBREC, packet_id=3)
        watcher.receive()  # the timer's keep-alive: one and a half seconds
        publisher.acknowledge(mqtt.PUBREL, 3)
        publisher.expect(mqtt.PUBCOMP, packet_id=3)
        timer.expect_goodbye(0x8D)

    def test_a_refused_qos_2_delivery_is_over(self):
        topic = unique("t")
        client = self.subscribed(topic, receive_maximum=1)
        publisher = self.client()
        for payload in (b"one", b"two"):
            publisher.publish(topic, payload, 2)
        client.acknowledge(mqtt.PUBREC, client.expect(mqtt.PUBLISH, payload=b"one").packet_id, 0x83)
        client.receive(payload=b"two")


if __name__ == "__main__":
    record.main()
