"""MQTT, sections 3.1.2, 3.1.4, 4.1 and 4.4: sessions, what waits in them, takeover, and wills."""
from support import mqtt_packets as mqtt, record
from support.mqtt_cases import MqttCases
from support.mqtt_client import unique


class Cases:
    def away(self, filter):
        """The identifier of a session that waits for its client, subscribed at QoS 2."""
        client = self.kept(unique("kept"))
        self.assertEqual(client.subscribe((filter, 2)), [2])
        client.leave()
        return client.client_id

    def test_what_is_published_while_a_client_is_away_waits(self):
        topic = unique("t")
        client_id = self.away(topic)
        publisher = self.client()
        for qos in (1, 2):
            publisher.publish(topic, b"%d" % qos, qos)
        client = self.kept(client_id)
        self.assertEqual(client.connack.session_present, 1)
        client.receive(payload=b"1", qos=1)
        client.receive(payload=b"2", qos=2)
        publisher.publish(topic, b"live", 1)
        client.receive(payload=b"live", qos=1)

    def test_connack_comes_before_what_waited(self):
        topic = unique("t")
        client_id = self.away(topic)
        self.client().publish(topic, b"waits", 1)
        client = self.stranger()
        client.send(mqtt.connect(self.version, client_id, clean=False, **({"session_expiry": 60} if self.version == mqtt.V5 else {})))
        client.expect(mqtt.CONNACK, session_present=1, reason=0)
        client.receive(payload=b"waits")

    def test_without_a_stored_session_a_new_one_begins(self):
        self.assertEqual(self.kept(unique()).connack.session_present, 0)

    def test_a_clean_start_discards_what_was_kept(self):
        topic = unique("t")
        client_id = self.away(topic)
        publisher = self.client()
        publisher.publish(topic, b"waits in vain", 1)
        client = self.client(client_id, clean=True)
        self.assertEqual(client.connack.session_present, 0)
        publisher.publish(topic, b"nobody subscribes", 1)
        client.expect_nothing()

    def test_a_session_that_is_not_kept_ends_with_its_connection(self):
        topic, client_id = unique("t"), unique()
        first = self.client(client_id, clean=True)
        first.subscribe((topic, 1))
        first.leave()
        again = self.kept(client_id)
        self.assertEqual(again.connack.session_present, 0)
        self.client().publish(topic, b"nobody subscribes", 1)
        again.expect_nothing()

    def test_a_clean_session_lasts_as_long_as_its_connection(self):
        topic = unique("t")
        client = self.subscriber((topic, 1))
        publisher = self.client()
        for count in range(3):
            publisher.publish(topic, b"%d" % count, 1)
            client.receive(payload=b"%d" % count)
            client.expect_nothing()

    def test_retained_messages_outlive_sessions(self):
        topic, client_id = unique("t"), unique()
        first = self.client(client_id, clean=True)
        first.publish(topic, b"stays", 1, retain=True)
        first.leave()
        self.client(client_id, clean=True).leave()
        self.subscriber((topic, 1)).receive(payload=b"stays", retain=True)

    def test_a_second_connection_takes_the_session_over(self):
        topic, client_id = unique("t"), unique()
        first = self.kept(client_id)
        first.subscribe((topic, 1))
        second = self.kept(client_id)
        self.assertEqual(second.connack.session_present, 1)
        first.expect_goodbye(0x8E)
        self.client().publish(topic, b"to the second", 1)
        second.receive(payload=b"to the second")

    def test_an_unacknowledged_message_comes_again(self):
        topic = unique("t")
        client_id = self.away(topic)
        publisher = self.client()
        for payload in (b"one", b"two"):
            publisher.publish(topic, payload, 1)
        client = self.kept(client_id)
        first = client.expect(mqtt.PUBLISH, payload=b"one", dup=False)
        second = client.expect(mqtt.PUBLISH, payload=b"two", dup=False)
        client.expect_nothing()  # never again on the same connection
        client.cut()
        client = self.kept(client_id)
        client.expect(mqtt.PUBLISH, payload=b"one", dup=True, qos=1, packet_id=first.packet_id)
        client.expect(mqtt.PUBLISH, payload=b"two", dup=True, qos=1, packet_id=second.packet_id)
        client.acknowledge(mqtt.PUBACK, first.packet_id)
        client.expect_nothing()
        client.cut()
        client = self.kept(client_id)
        client.receive(payload=b"two", dup=True, packet_id=second.packet_id)
        client.expect_nothing()
        client.cut()
        self.kept(client_id).expect_nothing()

    def test_a_qos_2_delivery_is_finished_after_a_reconnection(self):
        topic = unique("t")
        client_id = self.away(topic)
        self.client().publish(topic, b"once", 2)
        client = self.kept(client_id)
        packet_id = client.expect(mqtt.PUBLISH, qos=2, dup=False).packet_id
        client.cut()
        client = self.kept(client_id)
        client.expect(mqtt.PUBLISH, payload=b"once", qos=2, dup=True, packet_id=packet_id)
        client.acknowledge(mqtt.PUBREC, packet_id)
        client.expect(mqtt.PUBREL, packet_id=packet_id)
        client.expect_nothing()
        client.cut()
        client = self.kept(client_id)
        client.expect(mqtt.PUBREL, packet_id=packet_id)
        client.expect_nothing()
        client.acknowledge(mqtt.PUBCOMP, packet_id)
        client.cut()
        self.kept(client_id).expect_nothing()

    def test_a_repeated_qos_2_message_is_taken_once(self):
        topic, client_id = unique("t"), unique("kept")
        watcher = self.subscriber((topic, 2))
        client = self.kept(client_id)
        client.send(mqtt.publish(self.version, topic, b"once", 2, 7))
        client.expect(mqtt.PUBREC, packet_id=7)
        client.cut()
        client = self.kept(client_id)
        client.send(mqtt.publish(self.version, topic, b"once", 2, 7, dup=True))
        client.expect(mqtt.PUBREC, packet_id=7)
        client.acknowledge(mqtt.PUBREL, 7)
        client.expect(mqtt.PUBCOMP, packet_id=7)
        watcher.receive(payload=b"once")
        self.expect_no_effect(watcher, topic)

    def test_nothing_waits_under_a_filter_that_was_given_up(self):
        topic = unique("t")
        client = self.kept(unique("kept"))
        client.subscribe((topic, 1))
        client.unsubscribe(topic)
        client.leave()
        self.client().publish(topic, b"in vain", 1)
        self.kept(client.client_id).expect_nothing()

    # Wills

    def with_will(self, will, **options):
        client = self.client(will=will, **options)
        client.expect_nothing()
        return client

    def test_the_will_of_who_is_lost_is_published_once(self):
        topic = unique("will")
        watcher = self.subscriber((topic, 2))
        for qos in (0, 1, 2):
            lost = self.with_will(mqtt.Will(topic, b"lost %d" % qos, qos))
            lost.cut()
            watcher.receive(payload=b"lost %d" % qos, qos=qos, retain=False)
            self.client(lost.client_id).leave()
        self.expect_no_effect(watcher, topic)
        self.subscriber((topic, 2)).expect_nothing()  # no will was retained

    def test_a_will_with_retain_is_kept(self):
        topic = unique("will")
        watcher = self.subscriber((topic, 1))
        self.with_will(mqtt.Will(topic, b"kept", 1, True)).cut()
        watcher.receive(payload=b"kept", retain=False)
        self.subscriber((topic, 1)).receive(payload=b"kept", retain=True, qos=1)

    def test_a_goodbye_takes_the_will_back(self):
        topic = unique("will")
        watcher = self.subscriber(topic)
        self.with_will(mqtt.Will(topic)).leave()
        self.expect_no_effect(watcher, topic)

    def test_without_a_will_nothing_is_published(self):
        everything = self.subscriber("#")
        everything.drain()
        self.client().cut()
        self.expect_no_effect(everything, unique("t"))

    def test_the_will_of_who_breaks_the_rules_is_published(self):
        topic = unique("will")
        watcher = self.subscriber(topic)
        rude = self.with_will(mqtt.Will(topic, b"rude"))
        rude.send(b"\xff\xff\xff\xff\xff")
        watcher.receive(payload=b"rude")


class Version311(Cases, MqttCases):
    version = mqtt.V3_1_1


class Version5(Cases, MqttCases):
    def test_a_goodbye_with_the_will_publishes_it(self):
        topic = unique("will")
        watcher = self.subscriber(topic)
        self.with_will(mqtt.Will(topic, b"on purpose")).leave(0x04)
        watcher.receive(payload=b"on purpose")

    def test_a_will_waits_for_its_delay(self):
        topic = unique("will")
        watcher = self.subscriber(topic)
        lost = self.with_will(mqtt.Will(topic, b"late", properties={"will_delay": 1}), session_expiry=60)
        with self.assert_takes(0.9, 2.0):
            lost.cut()
            watcher.receive(payload=b"late")

    def test_a_will_does_not_wait_longer_than_its_session_lasts(self):
        topic = unique("will")
        watcher = self.subscriber(topic)
        lost = self.with_will(mqtt.Will(topic, b"the end", properties={"will_delay": 60}), session_expiry=1)
        with self.assert_takes(0.9, 2.0):
            lost.cut()
            watcher.receive(payload=b"the end")
        self.assertEqual(self.kept(lost.client_id).connack.session_present, 0)

    def test_who_returns_in_time_takes_the_will_back(self):
        topic = unique("will")
        watcher = self.subscriber(topic)
        lost = self.with_will(mqtt.Will(topic, properties={"will_delay": 1}), session_expiry=60)
        lost.cut()
        control = self.with_will(mqtt.Will(topic, b"control", properties={"will_delay": 1}), session_expiry=60)
        self.kept(lost.client_id)
        control.cut()
        watcher.receive(payload=b"control")
        self.expect_no_effect(watcher, topic)

    def test_a_session_that_is_discarded_publishes_its_will(self):
        topic = unique("will")
        watcher = self.subscriber(topic)
        lost = self.with_will(mqtt.Will(topic, b"discarded", properties={"will_delay": 60}), session_expiry=60)
        lost.cut()
        self.client(lost.client_id, clean=True)
        watcher.receive(payload=b"discarded")

    def test_a_will_has_its_properties_in_their_order(self):
        topic = unique("will")
        watcher = self.subscriber(topic)
        said = {"payload_format": 1, "content_type": "text/plain", "response_topic": "re", "correlation_data": b"\0c",
                "user_property": [("b", "1"), ("a", "2"), ("b", "3"), ("a", "2")]}
        self.with_will(mqtt.Will(topic, b"gone", properties=said)).cut()
        self.assertEqual(watcher.receive(payload=b"gone").properties, said)

    def test_a_session_ends_when_its_expiry_has_run_out(self):
        topic, will = unique("t"), unique("will")
        watcher = self.subscriber(will)
        client = self.kept(unique("kept"), session_expiry=1, will=mqtt.Will(will, properties={"will_delay": 3600}))
        client.subscribe((topic, 1))
        client.cut()
        watcher.receive()  # it is published when the session ends
        again = self.kept(client.client_id)
        self.assertEqual(again.connack.session_present, 0)
        self.client().publish(topic, b"in vain", 1)
        again.expect_nothing()

    def test_a_goodbye_may_change_the_expiry(self):
        client = self.kept(unique("kept"))
        client.leave(session_expiry=0)
        self.assertEqual(self.kept(client.client_id).connack.session_present, 0)
        client = self.kept(client.client_id)
        client.leave(session_expiry=3600)
        self.assertEqual(self.kept(client.client_id).connack.session_present, 1)

    def test_a_goodbye_may_not_begin_an_expiry(self):
        client = self.client()
        client.send(mqtt.disconnect(self.version, session_expiry=10))
        client.expect_goodbye(0x82)

    def test_what_the_client_refuses_does_not_come_again(self):
        topic = unique("t")
        client_id = self.away(topic)
        publisher = self.client()
        publisher.publish(topic, b"one", 1)
        publisher.publish(topic, b"two", 2)
        client = self.kept(client_id)
        client.acknowledge(mqtt.PUBACK, client.expect(mqtt.PUBLISH, qos=1).packet_id, 0x97)
        client.acknowledge(mqtt.PUBREC, client.expect(mqtt.PUBLISH, qos=2).packet_id, 0x83)
        client.expect_nothing()
        client.cut()
        self.kept(client_id).expect_nothing()

    def test_what_expires_while_its_client_is_away_is_dropped(self):
        topic, will = unique("t"), unique("will")
        watcher = self.subscriber(will)
        client_id = self.away(topic)
        publisher = self.client(will=mqtt.Will(will, properties={"will_delay": 1}), session_expiry=60)
        publisher.publish(topic, b"short", 1, message_expiry=1)
        publisher.publish(topic, b"long", 1, message_expiry=3600)
        publisher.publish(topic, b"for ever", 1)
        publisher.cut()
        watcher.receive()  # a second has passed
        client = self.kept(client_id)
        self.assertLess(client.receive(payload=b"long").properties["message_expiry"], 3600)
        self.assertNotIn("message_expiry", client.receive(payload=b"for ever").properties)

    def test_a_qos_2_message_that_was_sent_no_longer_expires(self):
        topic, will = unique("t"), unique("will")
        watcher = self.subscriber(will)
        client_id = self.away(topic)
        publisher = self.client(will=mqtt.Will(will, properties={"will_delay": 2}), session_expiry=60)
        publisher.publish(topic, b"sent in time", 2, message_expiry=1)
        client = self.kept(client_id)
        packet_id = client.expect(mqtt.PUBLISH).packet_id
        client.cut()
        publisher.cut()
        watcher.receive()  # two seconds have passed
        client = self.kept(client_id)
        client.expect(mqtt.PUBLISH, packet_id=packet_id, dup=True)
        client.acknowledge(mqtt.PUBREC, packet_id)
        client.expect(mqtt.PUBREL, packet_id=packet_id)


if __name__ == "__main__":
    record.main()
