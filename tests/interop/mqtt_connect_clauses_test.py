"""MQTT, sections 3.1 and 3.2 as far as one connection goes: who is let in, who is refused and how."""
from support import mqtt_packets as mqtt, record
from support.mqtt_cases import MqttCases
from support.mqtt_client import unique

WILL_FLAG, PASSWORD_FLAG, USER_FLAG = 0x04, 0x40, 0x80
CONNECT_CODES = {0x00, *range(0x80, 0x8B), 0x8C, 0x90, 0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F}  # section 3.2.2.2


class Cases:
    def refused(self, packet, *codes):
        client = self.stranger()
        client.send(packet)
        return self.expect_refused(client, *codes)

    def with_flags(self, flags, *fields, block=None):
        return mqtt.connect_with(self.version, flags, b"".join(map(mqtt.text, fields)), block=block)

    def will_fields(self):
        """Their form after the client identifier."""
        return (b"\0" if self.version == mqtt.V5 else b"") + mqtt.text("will/topic") + mqtt.text("will")

    def client_with_a_session(self):
        client_id = unique("kept")
        self.kept(client_id).leave()
        return client_id

    def test_whoever_begins_otherwise_is_cut_off_without_a_word(self):
        watcher = self.subscriber("first/packet")
        for packet in (mqtt.publish(self.version, "first/packet", b"x"), mqtt.subscribe(self.version, 1, ("a", 0)),
                       mqtt.unsubscribe(self.version, 1, "a"), mqtt.packet(mqtt.PINGREQ, 0, b""), mqtt.disconnect(self.version),
                       mqtt.acknowledge(self.version, mqtt.PUBACK, 1), mqtt.auth(0x18, authentication_method="x"), b"\x20\x02\x00\x00"):
            with self.subTest(packet=packet):
                client = self.stranger()
                client.send(packet)
                client.expect_end()
        self.expect_no_effect(watcher, "first/packet")

    def test_a_second_connect_ends_the_connection(self):
        client = self.client()
        client.send(mqtt.connect(self.version, unique()))
        client.expect_goodbye(0x82)

    def test_another_protocol_name_is_refused(self):
        for name in ("MQTX", "mqtt", "MQTTX", "", "HTTP"):
            with self.subTest(name):
                packet = mqtt.connect_with(self.version, 2, mqtt.text(unique()), name=name or b"\0")
                if not name:
                    packet = mqtt.packet(mqtt.CONNECT, 0, mqtt.text("") + bytes([self.version, 2, 0, 0]) + mqtt.text(unique()))
                client = self.stranger()
                client.send(packet)
                got = client.read()
                if got is not None:
                    self.assertEqual((got.kind, got.reason), (mqtt.CONNACK, 0x84))
                    client.expect_end()

    def test_the_reserved_connect_flag_is_refused(self):
        self.refused(self.with_flags(0x03, unique()))

    def test_will_bits_without_a_will_are_refused(self):
        for flags in (0x08, 0x10, 0x20, 0x38):
            with self.subTest(flags=flags):
                self.refused(self.with_flags(0x02 | flags, unique()))

    def test_will_fields_without_a_will_are_refused(self):
        self.refused(mqtt.connect_with(self.version, 0x02, mqtt.text(unique()) + self.will_fields()))

    def test_a_will_qos_of_3_is_refused(self):
        self.refused(mqtt.connect_with(self.version, 0x02 | WILL_FLAG | 0x18, mqtt.text(unique()) + self.will_fields()))

    def test_connect_that_lacks_a_field_is_refused(self):
        whole = mqtt.connect(self.version, unique(), will=mqtt.Will("will/topic"), username="user", password="password")
        for size in range(2, len(whole)):
            with self.subTest(size=size):
                self.refused(mqtt.packet(mqtt.CONNECT, 0, whole[2:size]))

    def test_credentials_stand_there_exactly_where_their_flags_say(self):
        user = 0x02 | USER_FLAG
        self.refused(self.with_flags(user, unique()))
        self.refused(self.with_flags(0x02, unique(), "user"))
        self.refused(self.with_flags(user | PASSWORD_FLAG, unique(), "user"))
        self.refused(self.with_flags(user, unique(), "user", "password"))
        for credentials in ({}, {"username": "user"}, {"username": "user", "password": "password"}):
            self.client(**credentials)

    def test_the_fields_of_the_payload_come_in_their_order(self):
        topic, client_id = unique("will"), unique()
        watcher = self.subscriber((topic, 2))
        client = self.client(client_id, will=mqtt.Will(topic, b"last words", 2), username="user", password="password")
        again = self.client(client_id)
        if self.version == mqtt.V5:
            client.expect(mqtt.DISCONNECT, reason=0x8E)
        client.expect_end()
        watcher.receive(topic=topic.encode(), payload=b"last words", qos=2)
        again.expect_nothing()

    def test_letters_and_digits_make_a_client_identifier(self):
        alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        for client_id in ("a", "Z", "0", alphabet[:23], alphabet[23:46], alphabet[39:]):
            with self.subTest(client_id):
                self.assertEqual(self.client(client_id).connack.reason, 0)

    def test_clients_without_an_identifier_stand_beside_each_other(self):
        clients = [self.client("") for _ in range(5)]
        topic = unique("t")
        for client in clients:
            client.subscribe(topic)
        self.client().publish(topic, b"to all")
        for client in clients:
            client.receive(payload=b"to all")

    def test_connack_comes_first_and_once(self):
        topic = unique("t")
        self.client().publish(topic, b"kept", 1, retain=True)
        client = self.stranger()
        client.send(mqtt.connect(self.version, unique()), mqtt.subscribe(self.version, 1, (topic, 1)))
        connack = client.expect(mqtt.CONNACK, reason=0, session_present=0)
        self.assertEqual(connack.body[0], 0)
        client.expect(mqtt.SUBACK)
        client.receive(payload=b"kept")
        client.expect_nothing()

    def test_what_follows_a_refused_connect_is_ignored(self):
        topic = unique("t")
        watcher = self.subscriber(topic)
        for refused in (self.with_flags(0x03, unique()), *self.refusals()):
            client = self.stranger()
            client.send(refused, mqtt.publish(self.version, topic, b"from a refused client"))
            while client.read() is not None:
                pass
        self.expect_no_effect(watcher, topic)

    def test_who_is_silent_for_too_long_is_dropped_as_lost(self):
        topic = unique("will")
        watcher = self.subscriber(topic)
        silent = self.client(keep_alive=1, will=mqtt.Will(topic, b"lost"))
        self.assertNotIn("server_keep_alive", silent.connack.properties)
        with self.assert_takes(1.4, 3.5):
            silent.expect_goodbye(0x8D)
        watcher.receive(payload=b"lost")

    def test_who_says_something_within_the_keep_alive_stays(self):
        client = self.client(keep_alive=1)
        other = self.client(keep_alive=1)
        for _ in range(4):
            self.let_pass(0.6)
            client.expect_nothing()
            other.publish("a", b"x", 1)

    def test_a_ping_is_answered(self):
        self.client().expect_nothing()


class Version311(Cases, MqttCases):
    version = mqtt.V3_1_1

    def refusals(self):
        yield mqtt.connect(self.version, "", clean=False)
        yield mqtt.connect_with(6, 2, mqtt.text(unique()))

    def test_an_unknown_level_is_answered_with_1(self):
        for level in (0, 1, 2, 3, 6, 84, 255):
            with self.subTest(level=level):
                self.refused(mqtt.connect_with(level, 2, mqtt.text(unique()), name="MQTT"), 1)

    def test_no_identifier_for_a_session_that_is_kept_is_answered_with_2(self):
        self.refused(mqtt.connect(self.version, "", clean=False), 2)

    def test_a_password_without_a_user_name_is_refused(self):
        self.refused(self.with_flags(0x02 | PASSWORD_FLAG, unique(), "password"))


class Version5(Cases, MqttCases):
    def refusals(self):
        yield mqtt.connect(self.version, unique(), authentication_method="unknown")
        yield mqtt.connect(self.version, unique(), receive_maximum=0)

    def test_an_unknown_version_is_refused(self):
        client = self.stranger(mqtt.V3_1_1)  # nobody knows which form the answer has
        client.send(mqtt.connect_with(6, 2, mqtt.text(unique())))
        got = client.read()
        if got is not None:
            self.assertEqual((got.kind, got.session_present), (mqtt.CONNACK, 0))
            self.assertIn(got.reason, (0x01, 0x84))
            client.expect_end()

    def test_a_password_needs_no_user_name(self):
        self.client(password="password")

    def test_a_client_without_an_identifier_is_given_one(self):
        clients = [self.client("") for _ in range(5)]
        given = [client.connack.properties["assigned_client_id"] for client in clients]
        self.assertEqual(len(set(given)), 5)
        self.client(given[0])
        clients[0].expect_goodbye(0x8E)
        clients[1].expect_nothing()

    def test_a_method_that_nobody_knows_is_refused(self):
        self.assertEqual(self.refused(mqtt.connect(self.version, unique(), authentication_method="unknown")), 0x8C)

    def test_a_refusal_shows_no_session(self):
        self.refused(mqtt.connect(self.version, self.client_with_a_session(), clean=False, authentication_method="unknown"))

    def test_who_names_no_method_hears_of_none(self):
        self.assertNotIn("authentication_method", self.client().connack.properties)

    def test_refusals_have_codes_of_the_table(self):
        for packet in (mqtt.connect(self.version, "a\x01b"), mqtt.connect(self.version, b"\xff"), *self.refusals(),
                       mqtt.connect(self.version, unique(), will=mqtt.Will("a/#")),
                       mqtt.connect(self.version, unique(), maximum_packet_size=0)):
            with self.subTest(packet):
                client = self.stranger()
                client.send(packet)
                if (got := client.read()) is not None:
                    self.assertEqual(got.kind, mqtt.CONNACK)
                    self.assertIn(got.reason, CONNECT_CODES)
                    client.expect_end()

    def test_nothing_is_missing_and_so_nothing_is_announced(self):
        client = self.client(will=mqtt.Will(unique("will"), b"w", 2, True))
        missing = {"maximum_qos", "retain_available", "wildcard_available", "subscription_id_available", "shared_available"}
        self.assertFalse(missing & {name for name, value in client.connack.properties.items() if value != 1})
        self.assertEqual(client.subscribe(("a/#", 0), ("a/+", 1), ("a", 2)), [0, 1, 2])
        for qos in (0, 1, 2):
            self.assertLess(client.publish("b", b"x", qos, retain=True), 0x80)
        client.leave()

    def test_response_information_comes_only_when_asked_for(self):
        for values in ({}, {"request_response_information": 0}):
            self.assertNotIn("response_information", self.client(**values).connack.properties)


class ServerKeepAlive(MqttCases):
    options = {"mqtt": "max_keep_alive: 1s"}

    def test_a_shorter_server_keep_alive_is_announced_and_applied(self):
        for asked in (0, 60):
            client = self.client(keep_alive=asked)
            self.assertEqual(client.connack.properties["server_keep_alive"], 1)
            with self.assert_takes(1.4, 3.5):
                client.expect_goodbye(0x8D)


if __name__ == "__main__":
    record.main()
