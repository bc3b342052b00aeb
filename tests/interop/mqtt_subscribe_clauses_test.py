"""MQTT, sections 3.8 to 3.11, 4.7 and 4.8: filters, what they match, and shared subscriptions."""
from support import mqtt_packets as mqtt, record
from support.mqtt_cases import MqttCases
from support.mqtt_client import unique

NO_LOCAL, RETAIN_AS_PUBLISHED, ONLY_IF_NEW, NEVER = 0x04, 0x08, 0x10, 0x20
WRONG_FILTERS = ["a/#/b", "#/", "a#", "#a", "a/b#", "+a", "a+", "a/+b/c", "a/b+/c", "##", "++", "a/##"]


class Cases:
    def refuses_filter(self, code):
        return code == 0x80 if self.version != mqtt.V5 else code in (0x80, 0x8F)

    def test_one_suback_has_a_code_per_filter_in_their_order(self):
        client, base = self.client(), unique("t")
        self.assertEqual(client.subscribe((base + "/a", 2), (base + "/b", 0), (base + "/c", 1)), [2, 0, 1])
        publisher = self.client()
        for level, qos in (("a", 2), ("b", 0), ("c", 1)):
            publisher.publish(f"{base}/{level}", b"x", 2)
            client.receive(topic=f"{base}/{level}".encode(), qos=qos)

    def test_a_wrong_filter_is_refused_by_itself_or_ends_the_connection(self):
        for wrong in WRONG_FILTERS:
            with self.subTest(wrong):
                client = self.client()
                client.send(mqtt.subscribe(self.version, 9, ("fine/1", 1), (wrong, 1), ("fine/2", 2)))
                got = client.read()
                if got is not None and got.kind == mqtt.SUBACK:
                    self.assertEqual(got.codes[::2], [1, 2])
                    self.assertTrue(self.refuses_filter(got.codes[1]), got)
                    client.expect_nothing()

    def test_wildcards_match_levels(self):
        base = unique("t")
        topics = ["", "/a", "/a/b", "/a/b/c", "/", "//b", "/ab"]
        matches = {
            "/#": topics, "/a/#": ["/a", "/a/b", "/a/b/c"], "/+": ["/a", "/", "/ab"], "/+/b": ["/a/b", "//b"], "/a/+": ["/a/b"],
            "/+/+": ["/a/b", "//b"], "/a/+/c": ["/a/b/c"], "/+/#": [t for t in topics if t], "/a": ["/a"], "/+/+/#": ["/a/b", "/a/b/c", "//b"],
        }
        publisher = self.client()
        for filter, expected in matches.items():
            with self.subTest(filter):
                client = self.subscriber((base + filter, 1))
                for topic in topics:
                    publisher.publish(base + topic, b"x", 1)
                self.assertEqual([client.receive().topic.decode() for _ in expected], [base + topic for topic in expected])
                client.expect_nothing()
                client.cut()

    def test_wildcards_may_stand_at_the_beginning(self):
        last = unique("t")
        for filter in ("#", "+/" + last, "+/+"):
            with self.subTest(filter):
                client = self.subscriber((filter, 1))
                client.drain()
                self.client().publish("x/" + last, b"x", 1)
                client.receive(topic=b"x/" + last.encode())

    def test_a_leading_wildcard_finds_no_topic_with_a_dollar(self):
        client = self.subscriber("#", "+/#", "+/+", "+/broker/#")
        client.drain()
        system = self.subscriber("$SYS/#")
        system.send(mqtt.packet(mqtt.PINGREQ, 0, b""))
        while (got := system.read()).kind == mqtt.PUBLISH:
            self.assertTrue(got.topic.startswith(b"$SYS/"))
        client.expect_nothing()
        last = unique("t")
        self.client().publish(last + "/broker/x", b"seen", 1)
        client.receive(payload=b"seen")

    def test_subscribe_without_a_filter_ends_the_connection(self):
        client = self.client()
        client.send(mqtt.subscribe(self.version, 1))
        client.expect_goodbye(0x81, 0x82)

    def test_unsubscribe_without_a_filter_ends_the_connection(self):
        client = self.client()
        client.send(mqtt.unsubscribe(self.version, 1))
        client.expect_goodbye(0x81, 0x82)

    def test_reserved_bits_of_the_options_end_the_connection(self):
        for options in (3, 0x40, 0x80, 0xC1) + ((4, 8, 0x10) if self.version != mqtt.V5 else (0x30,)):
            with self.subTest(options=options):
                client = self.client()
                client.send(mqtt.subscribe(self.version, 1, ("a", options)))
                client.expect_goodbye(0x81, 0x82)

    def test_subscribing_again_replaces(self):
        topic = unique("t")
        publisher = self.client()
        publisher.publish(topic, b"kept", 2, retain=True)
        client = self.subscriber((topic, 0))
        client.receive(payload=b"kept", qos=0, retain=True)
        self.assertEqual(client.subscribe((topic, 2)), [2])
        client.receive(payload=b"kept", qos=2, retain=True)
        publisher.publish(topic, b"live", 2)
        client.receive(payload=b"live", qos=2)
        client.expect_nothing()

    def test_replacing_loses_no_message(self):
        topic = unique("t")
        client, publisher = self.subscriber((topic, 1)), self.client()
        for number in range(1, 51):
            publisher.send(mqtt.publish(self.version, topic, b"%d" % number, 1, number))
            client.send(mqtt.subscribe(self.version, 100 + number, (topic, 1)))
        received = []
        answered = 0
        while len(received) < 50 or answered < 50:
            got = client.read()
            answered += got.kind == mqtt.SUBACK
            if got.kind == mqtt.PUBLISH:
                received.append(int(got.payload))
                client.acknowledge(mqtt.PUBACK, got.packet_id)
        self.assertEqual(received, list(range(1, 51)))

    # Unsubscribe

    def test_unsubscribing_ends_exactly_that_filter(self):
        base = unique("t")
        client, publisher = self.subscriber((base + "/a", 1), (base + "/+", 1), (base + "/#", 1)), self.client()
        client.unsubscribe(base + "/A", base + "/a/", base + "/a")
        publisher.publish(base + "/a", b"still by wildcard", 1)
        client.receive(payload=b"still by wildcard")
        client.unsubscribe(base + "/+", base + "/#")
        publisher.publish(base + "/a", b"no more", 1)
        client.expect_nothing()

    def test_one_unsuback_answers_for_every_filter(self):
        client, base = self.client(), unique("t")
        client.subscribe(base + "/a", base + "/b")
        codes = client.unsubscribe(base + "/a", base + "/never", base + "/b", "x/never")
        self.assertEqual(codes, [] if self.version != mqtt.V5 else [0x00, 0x11, 0x00, 0x11])
        client.expect_nothing()

    def test_deliveries_that_have_begun_are_finished(self):
        topic = unique("t")
        client, publisher = self.subscriber((topic, 2)), self.client()
        publisher.publish(topic, b"begun", 2)
        packet_id = client.expect(mqtt.PUBLISH, qos=2).packet_id
        client.unsubscribe(topic)
        client.acknowledge(mqtt.PUBREC, packet_id)
        client.expect(mqtt.PUBREL, packet_id=packet_id)
        client.acknowledge(mqtt.PUBCOMP, packet_id)
        publisher.publish(topic, b"later", 2)
        client.expect_nothing()


class Version311(Cases, MqttCases):
    version = mqtt.V3_1_1


class Version5(Cases, MqttCases):
    def test_no_local_keeps_own_messages_away(self):
        topic = unique("t")
        client = self.subscriber((topic, 2 | NO_LOCAL))
        client.publish(topic, b"own", 1)
        client.expect_nothing()
        self.client().publish(topic, b"another's", 1)
        client.receive(payload=b"another's")

    def test_no_local_on_a_shared_subscription_ends_the_connection(self):
        client = self.client()
        client.send(mqtt.subscribe(self.version, 1, ("$share/group/a", 1 | NO_LOCAL)))
        client.expect_goodbye(0x82)

    def retained(self, payload=b"kept"):
        topic = unique("t")
        self.client().publish(topic, payload, 1, retain=True)
        return topic

    def test_retain_handling_0_sends_on_every_subscribe(self):
        client, topic = self.client(), self.retained()
        for _ in range(3):
            client.subscribe((topic, 1))
            client.receive(payload=b"kept", retain=True)

    def test_retain_handling_1_sends_only_when_new(self):
        client, topic = self.client(), self.retained()
        client.subscribe((topic, 1 | ONLY_IF_NEW))
        client.receive(payload=b"kept", retain=True)
        client.subscribe((topic, 1 | ONLY_IF_NEW))
        client.expect_nothing()
        client.unsubscribe(topic)
        client.subscribe((topic, 1 | ONLY_IF_NEW))
        client.receive(payload=b"kept", retain=True)

    def test_retain_handling_1_sends_nothing_to_a_session_that_has_the_subscription(self):
        client, topic = self.kept(unique("kept")), self.retained()
        client.subscribe((topic, 1 | ONLY_IF_NEW))
        client.receive(payload=b"kept")
        client.leave()
        again = self.kept(client.client_id)
        again.subscribe((topic, 1 | ONLY_IF_NEW))
        again.expect_nothing()

    def test_retain_handling_2_sends_nothing(self):
        client, topic = self.client(), self.retained()
        for _ in range(2):
            client.subscribe((topic, 1 | NEVER))
            client.expect_nothing()
        self.client().publish(topic, b"live", 1)
        client.receive(payload=b"live", retain=False)

    def test_retain_as_published_keeps_the_flag(self):
        topic = unique("t")
        plain, as_published = self.subscriber((topic, 1)), self.subscriber((topic, 1 | RETAIN_AS_PUBLISHED))
        publisher = self.client()
        for retain in (True, False):
            publisher.publish(topic, b"x", 1, retain=retain)
            plain.receive(retain=False)
            as_published.receive(retain=retain)

    # Shared subscriptions

    def shared(self, filter, count, qos=1, **options):
        """Members of a group of their own, and the topic."""
        group = unique("group")
        return [self.subscriber((f"$share/{group}/{filter}", qos), **options) for _ in range(count)]

    def test_shared_filters_without_a_name_or_a_filter_are_refused(self):
        for wrong in ("$share//a", "$share/group", "$share/group/", "$share/g+/a", "$share/g#/a", "$share/#/a"):
            with self.subTest(wrong):
                client = self.client()
                client.send(mqtt.subscribe(self.version, 1, (wrong, 1)))
                got = client.read()
                if got is not None and got.kind == mqtt.SUBACK:
                    self.assertGreaterEqual(got.codes[0], 0x80)
                elif got is not None:
                    self.assertIn(got.reason, (0x81, 0x82, 0x8F))

    def test_a_group_shares_its_messages(self):
        base = unique("t")
        members, outsider = self.shared(base + "/#", 3), self.subscriber((base + "/#", 1))
        publisher = self.client()
        for number in range(30):
            publisher.publish(f"{base}/a", b"%d" % number, 1)
        everything = sorted(int(outsider.receive().payload) for _ in range(30))
        self.assertEqual(everything, list(range(30)))
        got = self.collect(members)
        self.assertEqual(sorted(number for each in got for number in each), list(range(30)))
        self.assertTrue(all(got), "every member has some")

    def collect(self, members):
        return [[int(packet.payload) for packet in each] for each in self.deliveries(members, 30)]

    def deliveries(self, members, count):
        """What each gets until `count` have come in all: the answer to a ping may overtake what the group's home core sends."""
        got = [[] for _ in members]
        for _ in range(1000):
            if sum(map(len, got)) >= count:
                break
            for member, mine in zip(members, got):
                member.send(mqtt.packet(mqtt.PINGREQ, 0, b""))
                while (packet := member.read()).kind != mqtt.PINGRESP:
                    if packet.kind != mqtt.PUBLISH:
                        continue
                    mine.append(packet)
                    if packet.qos == 1:
                        member.acknowledge(mqtt.PUBACK, packet.packet_id)
        return got

    def test_a_shared_delivery_has_the_qos_granted_to_its_receiver(self):
        topic, group = unique("t"), unique("group")
        low, high = self.subscriber((f"$share/{group}/{topic}", 0)), self.subscriber((f"$share/{group}/{topic}", 2))
        publisher = self.client()
        for _ in range(4):
            publisher.publish(topic, b"7", 2)
        got = self.deliveries((low, high), 4)
        self.assertEqual([{packet.qos for packet in each} for each in got], [{0}, {2}], "and each has some")
        self.assertEqual(sum(map(len, got)), 4)

    def test_retained_messages_do_not_come_for_shared_subscriptions(self):
        topic = self.retained()
        self.shared(topic, 1)[0].expect_nothing()

    def test_a_shared_qos_2_delivery_is_finished_with_the_same_client(self):
        topic, group = unique("t"), unique("group")
        first = self.kept(unique("kept"))
        first.subscribe((f"$share/{group}/{topic}", 2))
        self.client().publish(topic, b"1", 2)
        packet_id = first.expect(mqtt.PUBLISH, qos=2).packet_id
        other = self.subscriber((f"$share/{group}/{topic}", 2))
        first.cut()
        again = self.kept(first.client_id)
        again.receive(payload=b"1", dup=True, packet_id=packet_id)
        other.expect_nothing()

    def test_a_shared_qos_2_delivery_ends_with_its_session(self):
        topic, group = unique("t"), unique("group")
        first = self.subscriber((f"$share/{group}/{topic}", 2))
        self.client().publish(topic, b"1", 2)
        packet_id = first.expect(mqtt.PUBLISH, qos=2).packet_id
        first.acknowledge(mqtt.PUBREC, packet_id)
        first.expect(mqtt.PUBREL, packet_id=packet_id)
        other = self.subscriber((f"$share/{group}/{topic}", 2))
        first.leave()
        other.expect_nothing()
        self.client().publish(topic, b"2", 2)
        other.receive(payload=b"2")

    def test_a_shared_message_that_is_refused_goes_to_nobody_else(self):
        topic, group = unique("t"), unique("group")
        first = self.subscriber((f"$share/{group}/{topic}", 1))
        self.client().publish(topic, b"1", 1)
        packet_id = first.expect(mqtt.PUBLISH).packet_id
        other = self.subscriber((f"$share/{group}/{topic}", 1))
        first.acknowledge(mqtt.PUBACK, packet_id, 0x83)
        first.leave()
        self.client().publish(topic, b"2", 1)
        other.receive(payload=b"2")
        other.expect_nothing()

    # Codes

    def test_too_many_levels_are_refused_by_filter(self):
        codes = self.client().subscribe(("a", 1), ("/".join("a" * 200), 1))
        self.assertEqual(codes[0], 1)
        self.assertIn(codes[1], (0x80, 0x8F, 0x97))

    def test_disconnect_of_the_server_is_its_last_word(self):
        for packet in (mqtt.packet(mqtt.DISCONNECT, 1, b"\0"), mqtt.packet(mqtt.SUBSCRIBE, 0, b"\0\x01\0\0\x01a\0"),
                       mqtt.connect(self.version, "again"), mqtt.publish(self.version, "a", b"x", 1, 1, topic_alias=0)):
            with self.subTest(packet):
                client = self.client(session_expiry=60)
                client.send(packet, mqtt.packet(mqtt.PINGREQ, 0, b""))
                got = client.expect(mqtt.DISCONNECT)
                self.assertIn(got.reason, (0x81, 0x82, 0x94))
                self.assertNotIn("session_expiry", got.properties)
                client.expect_end()

    def test_what_follows_a_goodbye_is_ignored(self):
        topic = unique("t")
        watcher = self.subscriber(topic)
        client = self.client()
        client.send(mqtt.disconnect(self.version), mqtt.publish(self.version, topic, b"too late"))
        client.expect_end()
        self.expect_no_effect(watcher, topic)

    def test_auth_without_a_method_ends_the_connection(self):
        for reason in (0x00, 0x18, 0x19, 0x42):
            client = self.client()
            client.send(mqtt.auth(reason, authentication_method="unknown"))
            client.expect_goodbye(0x81, 0x82, 0x8C)

    def test_no_answer_exceeds_a_small_maximum_packet_size(self):
        topic = unique("t")
        client = self.client(maximum_packet_size=24)
        self.assertLessEqual(client.connack.size, 24)
        client.subscribe((topic, 2), ("a/#/b", 1))
        client.unsubscribe(topic, "never/there")
        client.subscribe((topic, 2))
        for qos in (1, 2):
            self.client().publish(topic, b"s", qos)
            client.receive(qos=qos)
            self.assertEqual(client.publish("nobody/there", b"", qos) & 0x80, 0)
        client.send(mqtt.subscribe(self.version, 0, ("a", 0)))
        self.assertLessEqual(client.expect(mqtt.DISCONNECT).size, 24)


if __name__ == "__main__":
    record.main()
