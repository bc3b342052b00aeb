"""Two gateways that a real mosquitto joins behave as one: all ordered pairs of the four protocols, and what clients know them by."""
import os
import signal
import subprocess
import unittest

from support.certificates import Certificates
from support import mqtt_packets as mqtt
from support.clients import CurlClient, PahoClient
from support.gateway import Gateway
from support.joined import POLICY, all_of_a_message_crosses, exchange_ordered_pairs, requests_are_answered, wait_for_backend
from support.message import Message
from support.metrics import total
from support.mosquitto_broker import MosquittoBroker
from support.mqtt_client import Client
from support.wait import until

SCALE = 1 if os.environ.get("JUNCTOR_LONG") else 50


def backed(broker, name, settings="", policy=POLICY, **more):
    return Gateway(config=f"{policy}name: {name}\nbackend: {{type: mqtt, url: \"mqtt://127.0.0.1:{broker.ports['mqtt']}\"{settings}}}\n", **more)


class MqttBackend(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = cls.enterClassContext(MosquittoBroker())
        cls.one = cls.enterClassContext(backed(cls.broker, "one", cores=1))
        cls.two = cls.enterClassContext(backed(cls.broker, "two", cores=2))
        wait_for_backend(cls.one, cls.two)

    def test_ordered_pairs(self):
        exchange_ordered_pairs(self, self.one, self.two, (10_000 // SCALE, 64, 1000), (1_000 // SCALE, 64 << 10, 50))

    def test_what_a_message_has_crosses(self):
        all_of_a_message_crosses(self, self.one, self.two, "rich")

    def test_clients_cannot_speak_as_gateways(self):
        """Threat class 19: what gateways tell each other by cannot be set from outside, and does not show."""
        with PahoClient(self.one.ports["mqtt"]) as publisher, PahoClient(self.two.ports["mqtt"]) as subscriber:
            subscriber.subscribe("spoof")
            publisher.publish(Message("spoof", b"x", headers=[("junctor-hops", "two"), ("junctor-origin", "1"), ("own", "y")]))
            self.assertEqual(subscriber.receive().headers, [("own", "y")])

    def test_nobody_publishes_below_the_control_level(self):
        status, _, _ = CurlClient(self.one.url()).call("POST", "/v1/topics/junctor/0/%24to/somebody?qos=1", b"x")
        self.assertEqual(status, 403)

    def test_retained_values_are_there_for_who_comes_later(self):
        with PahoClient(self.one.ports["mqtt"]) as publisher:
            publisher.publish(Message("kept/a", b"1", qos=1, retain=True))
            publisher.publish(Message("kept/a", b"2", qos=1, retain=True))
            for filter in ("kept/a", "kept/#", "kept/a"):
                with PahoClient(self.two.ports["mqtt"]) as subscriber:
                    subscriber.subscribe(filter)
                    got = subscriber.receive()
                    self.assertEqual((got.payload, got.retain), (b"2", True))

    def test_requests_are_answered_from_the_other_gateway(self):
        requests_are_answered(self, self.one, self.two)

    def test_strangers_at_the_broker_are_heard_and_hear(self):
        with PahoClient(self.broker.ports["mqtt"]) as stranger, PahoClient(self.one.ports["mqtt"]) as client:
            stranger.subscribe("from/gateway")
            client.subscribe("from/stranger")
            client.publish(Message("from/gateway", b"a", qos=1))
            stranger.publish(Message("from/stranger", b"b", qos=1))
            self.assertEqual(stranger.receive().payload, b"a")
            self.assertEqual(client.receive().payload, b"b")

    def test_the_same_name_elsewhere_takes_the_session_over(self):
        older = PahoClient(self.one.ports["mqtt"], client_id="moving")
        gone = []
        older.client.on_disconnect = lambda *arguments: gone.append(arguments)
        with PahoClient(self.two.ports["mqtt"], client_id="moving"):
            until(lambda: gone, "the older session is closed")
            older.client.loop_stop()


class Groups(unittest.TestCase):
    """The broker chooses a gateway, not a member."""

    def test_who_may_not_have_a_groups_message_is_passed_over(self):
        policy = POLICY.replace("presence]", "presence, admin]")
        denied = policy.replace("rules: [", "rules: [{deny: [receive], topics: [work/secret]}, ")
        for settings, store in (("", None), (", acknowledge: stored", "fsync")):
            with self.subTest(settings=settings), MosquittoBroker() as broker, backed(broker, "one", policy=policy) as one, \
                    backed(broker, "two", settings, denied, store=store) as two:
                wait_for_backend(one, two)
                members = [PahoClient(each.ports["mqtt"]) for each in (one, two)]
                with members[0] as may, members[1] as may_not, PahoClient(two.ports["mqtt"]) as publisher:
                    for member in members:
                        member.subscribe("$share/g/work/#")
                    for number in range(40):
                        publisher.publish(Message("work/secret", str(number).encode(), headers=[("k", "v")], qos=1))
                    got = [may.receive() for _ in range(40)]
                    self.assertEqual(sorted(int(each.payload) for each in got), list(range(40)))
                    self.assertEqual({(each.topic, tuple(each.headers)) for each in got}, {("work/secret", (("k", "v"),))})
                    may.unsubscribe("$share/g/work/#")
                    before = self.undeliverable(one, two)  # what is left is the gateway whose members may not have it
                    publisher.publish(Message("work/secret", b"for nobody", qos=1))
                    until(lambda: self.undeliverable(one, two) == before + 1, "the message is given up")
                    publisher.publish(Message("work/open", b"end", qos=1))
                    self.assertEqual(may_not.receive().payload, b"end")

    def test_what_its_members_had_not_done_goes_on_when_a_gateway_ends(self):
        with MosquittoBroker() as broker, backed(broker, "one") as ends, backed(broker, "two") as stays:
            wait_for_backend(ends, stays)
            with Client(ends.ports["mqtt"]) as lazy, PahoClient(stays.ports["mqtt"]) as publisher, PahoClient(stays.ports["mqtt"]) as heir:
                lazy.connect()
                lazy.subscribe(("$share/g/work/#", 1))
                numbers = set(range(300))
                for number in numbers:
                    publisher.publish(Message("work/x", str(number).encode(), qos=1))
                for _ in numbers:
                    lazy.expect(mqtt.PUBLISH)
                heir.subscribe("$share/g/work/#")
                with broker.paused():
                    ends.process.send_signal(signal.SIGTERM)
                    lazy.expect_goodbye()
                    with self.assertRaises(subprocess.TimeoutExpired, msg="it waits for the broker"):
                        ends.process.wait(4)
                self.assertEqual(ends.process.wait(20), 0)
                self.assertEqual({int(heir.receive().payload) for _ in numbers}, numbers)

    def undeliverable(self, *gateways):
        return sum(total(each, "junctor_messages_undeliverable_total") for each in gateways)


class Killed(unittest.TestCase):
    def test_a_gateway_that_dies_under_load_loses_nothing_of_its_durable_sessions(self):
        """The broker keeps what the gateway has not stored, so all that any publisher was told of comes, once or more."""
        each, kills = 600, 5
        with MosquittoBroker() as broker, backed(broker, "one", mqtt=f"receive_maximum: {each}") as one, \
                backed(broker, "two", ", acknowledge: stored", store="fsync") as two:
            wait_for_backend(one, two)
            self.durable(two).cut()
            with Client(one.ports["mqtt"], wait_seconds=60) as publisher:
                publisher.connect()
                for number in range(kills):
                    self.publish(publisher, range(number * each, (number + 1) * each), two.kill)
                    two.start_again()
                    two.wait_ready()
                    wait_for_backend(two)
            client = self.durable(two)
            got = []
            while len(set(got)) < kills * each:
                got.append(int(client.receive().payload))
            self.assertEqual(sorted(set(got)), list(range(kills * each)))

    def publish(self, publisher, numbers, half_way):
        """All at once; every one of them is acknowledged."""
        for number in numbers:
            publisher.send(mqtt.publish(mqtt.V5, "kept", str(number).encode(), 1, number % len(numbers) + 1))
        for at in range(len(numbers)):
            self.assertLess(publisher.expect(mqtt.PUBACK).reason, 0x80)
            if at == len(numbers) // 2:
                half_way()

    def durable(self, gateway):
        client = self.enterContext(Client(gateway.ports["mqtt"], wait_seconds=60))
        if not client.connect("kept", clean=False, session_expiry=600).session_present:
            client.subscribe(("kept", 1))
        return client


class OverTls(unittest.TestCase):
    def certificates(self):
        made = Certificates()
        self.addCleanup(made.remove)
        return made

    @staticmethod
    def backed(broker, tls):
        return Gateway(config=f"name: one\nbackend: {{type: mqtt, url: \"mqtts://127.0.0.1:{broker.ports['mqtt']}\", {tls}}}\n")

    def publish(self, gateway):
        return CurlClient(gateway.url()).call("POST", "/v1/topics/a?qos=1", b"x")[0]

    def test_the_broker_is_verified(self):
        known, stranger = self.certificates(), self.certificates()
        with MosquittoBroker(known) as broker:
            with self.backed(broker, f"ca: {known.ca}") as gateway:
                wait_for_backend(gateway)
                self.assertLess(self.publish(gateway), 300)
            with self.backed(broker, f"ca: {stranger.ca}") as gateway:
                self.assertEqual(self.publish(gateway), 503)
                self.assertTrue(gateway.admin("/healthz").startswith("degraded"))

    def test_the_gateway_shows_its_certificate(self):
        known = self.certificates()
        cert, key = known.issue("gateway", "/CN=one")
        with MosquittoBroker(known, clients_show_one=True) as broker:
            with self.backed(broker, f"ca: {known.ca}, cert: {cert}, key: {key}") as gateway:
                wait_for_backend(gateway)
                self.assertLess(self.publish(gateway), 300)
            with self.backed(broker, f"ca: {known.ca}") as gateway:
                self.assertEqual(self.publish(gateway), 503)


if __name__ == "__main__":
    unittest.main()
