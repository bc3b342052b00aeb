"""A policy service that hangs, fails, talks nonsense or is killed: nobody gets in by that, nobody else waits, and all is well when it is back."""
import threading
import time
import unittest

from support import mqtt_packets as mqtt
from support.decision_point import DecisionPoint
from support.gateway import Gateway
from support.metrics import total
from support.mqtt_client import Client

TRIES = 10_000
INTRUDERS = 4
REFUSED = 0x80  # reason codes from here on say no
BACK_SECONDS = 60  # far longer than any pause of the circuit breaker

CALLOUT = """
policy:
  authenticators: [{{type: anonymous}}]
  authorizers:
    - {{type: {type}, name: service, url: "http://127.0.0.1:{port}{path}", timeout: 1s, allow_ttl: 10m, deny_ttl: 1s, on_failure: {on_failure},
       verbs: [connect, publish, subscribe, request]}}
    - {{type: acl, rules: [{{allow: [admin]}}]}}
"""


def policy(service, type="http", path="/callout", on_failure="deny"):
    return CALLOUT.format(type=type, port=service.port, path=path, on_failure=on_failure)


def eventually(condition, seconds=BACK_SECONDS):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


class Intruder(threading.Thread):
    """Publishes where it may not, one after the other; counts what is accepted all the same."""

    def __init__(self, gateway, number):
        super().__init__()
        self.client = Client(gateway.ports["mqtt"], wait_seconds=60)
        self.client.connect(f"intruder{number}")
        self.number, self.accepted, self.refused = number, 0, 0

    def run(self):
        with self.client:
            for n in range(TRIES // INTRUDERS):
                if self.client.publish(f"secret/{self.number}/{n}", b"forbidden", qos=1) < REFUSED:
                    self.accepted += 1
                else:
                    self.refused += 1


class PolicyService(unittest.TestCase):
    def setUp(self):
        self.service = self.enterContext(DecisionPoint())
        self.gateway = self.enterContext(Gateway(config=policy(self.service), connectors=["mqtt", "websocket", "rest"]))
        self.reader = self.client("reader")
        self.assertEqual(self.reader.subscribe("#"), [0])
        self.user = self.client("user")
        self.assertEqual(self.user.publish("open/known", b"before", qos=1), 0)
        self.assertEqual(self.reader.receive().payload, b"before")

    def client(self, name):
        client = self.enterContext(Client(self.gateway.ports["mqtt"], wait_seconds=60))
        client.connect(name)
        return client

    def use(self, seconds):
        """The user goes on with what is known; the longest that a message took."""
        longest, until = 0.0, time.monotonic() + seconds
        while time.monotonic() < until:
            began = time.monotonic()
            self.assertEqual(self.user.publish("open/known", b"during", qos=1), 0)
            self.assertEqual(self.reader.receive().payload, b"during")
            longest = max(longest, time.monotonic() - began)
        return longest

    def attack(self, fail, restore, failures=True):
        intruders = [Intruder(self.gateway, number) for number in range(INTRUDERS)]
        fail()
        began = time.monotonic()
        for each in intruders:
            each.start()
        longest, opened = 0.0, None
        while any(each.is_alive() for each in intruders):
            longest = max(longest, self.use(0.1))
            if opened is None and total(self.gateway, "junctor_outbound_circuit_open") > 0:
                opened = time.monotonic() - began
        for each in intruders:
            each.join()
        self.assertEqual(sum(each.accepted for each in intruders), 0)
        self.assertEqual(sum(each.refused for each in intruders), TRIES)
        self.assertGreaterEqual(total(self.gateway, "junctor_denied_total", verb="publish"), TRIES)
        self.assertGreater(total(self.gateway, "junctor_authorizer_failures_total", authorizer="service", verdict="deny"), 0)
        self.assertLess(longest, 0.9, "whoever is known does not wait as long as the service hangs")
        print(f"circuit open after {opened and round(opened, 2)} s, the longest message of a known user took {longest * 1000:.0f} ms")
        restore()
        newcomer = self.user
        self.assertTrue(eventually(lambda: newcomer.publish("open/new", b"after", qos=1) == 0), "it does not recover")
        self.assertEqual(self.reader.receive().topic, b"open/new")
        self.assertGreaterEqual(self.user.publish("secret/after", b"x", qos=1), REFUSED)
        self.reader.expect_nothing()
        return opened

    def misbehave(self, mode):
        return self.attack(lambda: self.service.mode(mode), lambda: self.service.mode("good"))

    def test_it_hangs(self):
        self.assertIsNotNone(self.misbehave("hang"))

    def test_it_answers_with_errors(self):
        self.assertIsNotNone(self.misbehave("error"))

    def test_it_talks_nonsense(self):
        self.assertIsNotNone(self.misbehave("garbage"))

    def test_it_closes_connections(self):
        self.assertIsNotNone(self.misbehave("close"))

    def test_it_is_killed_under_load(self):
        self.assertIsNotNone(self.attack(self.service.kill, self.service.start))

    def test_newcomers_wait_outside_while_it_is_away(self):
        self.service.kill()
        with Client(self.gateway.ports["mqtt"], wait_seconds=60) as newcomer:
            newcomer.send(mqtt.connect(mqtt.V5, "newcomer"))
            self.assertEqual(newcomer.expect(mqtt.CONNACK).reason, 0x87)
        self.service.start()

        def comes_in():
            with Client(self.gateway.ports["mqtt"], wait_seconds=60) as newcomer:
                newcomer.send(mqtt.connect(mqtt.V5, "newcomer"))
                return newcomer.expect(mqtt.CONNACK).reason == 0

        self.assertTrue(eventually(comes_in))

    def test_what_is_told_to_the_client(self):
        with Client(self.gateway.ports["mqtt"]) as banned:
            banned.send(mqtt.connect(mqtt.V5, "banned1"))
            self.assertEqual(banned.expect(mqtt.CONNACK).reason, 0x87)
        self.assertEqual(self.user.publish("secret/a", b"x", qos=1), 0x87)
        self.assertLess(self.user.publish("own/user/a", b"x", qos=2), REFUSED)
        self.assertEqual(self.user.subscribe("open/#", "secret/#", "own/user/#", "own/reader/#"), [0, 0x87, 0, 0x87])

    def test_order_is_kept_while_verdicts_are_awaited(self):
        """Each topic is new: each message waits for a verdict of its own."""
        for n in range(200):
            self.user.send(mqtt.publish(mqtt.V5, f"open/order/{n}", str(n).encode(), 0, None))
        for n in range(200):
            self.assertEqual(self.reader.receive().payload, str(n).encode())

    def test_a_client_that_publishes_and_leaves_is_heard(self):
        with Client(self.gateway.ports["mqtt"]) as brief:
            brief.connect("brief")
            brief.send(mqtt.publish(mqtt.V5, "open/brief", b"last words", 0, None), mqtt.disconnect(mqtt.V5, 0))
            brief.expect_end()
        self.assertEqual(self.reader.receive().payload, b"last words")


class FailOpen(unittest.TestCase):
    def test_it_is_counted(self):
        with DecisionPoint() as service, Gateway(config=policy(service, on_failure="allow"), connectors=["mqtt"]) as gateway:
            with Client(gateway.ports["mqtt"], wait_seconds=60) as client:
                client.connect("user")
                self.assertEqual(client.publish("secret/a", b"x", qos=1), 0x87)
                service.kill()
                self.assertTrue(eventually(lambda: client.publish("secret/a", b"x", qos=1) < REFUSED))
                self.assertGreaterEqual(total(gateway, "junctor_authorizer_failures_total", verdict="allow"), 1)


class Authzen(unittest.TestCase):
    """The same rules by the Authorization API 1.0; decision points of others: `authzen_test.py`."""

    def test_single_and_batch(self):
        with DecisionPoint() as service, Gateway(config=policy(service, "authzen", ""), connectors=["mqtt", "rest", "websocket"]) as gateway:
            with Client(gateway.ports["mqtt"], wait_seconds=60) as client:
                client.connect("user")
                self.assertLess(client.publish("open/a", b"x", qos=1), REFUSED)
                self.assertEqual(client.publish("secret/a", b"x", qos=1), 0x87)
                self.assertEqual(service.count("/access/v1/evaluations"), 0)
                self.assertEqual(client.subscribe("open/#", "secret/#", "own/user/#"), [0, 0x87, 0])
                self.assertEqual(service.count("/access/v1/evaluations"), 1, "one request for three filters")
                self.assertEqual(client.subscribe("open/#", "secret/#", "own/user/#"), [0, 0x87, 0])
                self.assertEqual(service.count("/access/v1/evaluations"), 1, "remembered")
                service.mode("garbage")
                self.assertEqual(client.subscribe(*(f"secret/{n}" for n in range(50))), [0x87] * 50)
                client.send(mqtt.publish(mqtt.V5, "open/a", b"known", 0, None))
                self.assertEqual(client.receive().payload, b"known")

    def test_revocation_takes_effect_when_the_verdict_is_over(self):
        with DecisionPoint() as service, Gateway(config=policy(service, "authzen", ""), connectors=["mqtt"]) as gateway:
            service.put("ttl", "0")
            with Client(gateway.ports["mqtt"], wait_seconds=60) as client:
                client.connect("user")
                for _ in range(20):
                    self.assertLess(client.publish("open/a", b"x", qos=1), REFUSED)
                self.assertGreaterEqual(service.count("/access/v1/evaluation"), 20, "without time a verdict counts once")


if __name__ == "__main__":
    unittest.main()
