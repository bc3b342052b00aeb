"""Threat 24: subscriptions are bounded in number, in depth and in memory."""
import unittest

from support import raw
from support.bystander import Bystander
from support.gateway import Gateway
from support.metrics import total

POLICY = "policy: {authenticators: [{type: anonymous}], authorizers: [{type: allow_all}], limits: {principal: {subscriptions: 3}}}"
LIMITS = "limits: {subscriptions_per_session: 100, filters_per_packet: 60}"
QUOTA_EXCEEDED = 0x97


def subscribe(connection, filters, packet_id=1):
    """The reason codes of SUBACK."""
    connection.sendall(raw.mqtt_subscribe(filters, packet_id=packet_id))
    first, body = raw.read_mqtt_packet(connection)
    assert first == 0x90, (first, body)
    return list(body[-len(filters):])


class SubscriptionExplosion(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(config=LIMITS))
        cls.port = cls.gateway.ports["mqtt"]

    def test_more_subscriptions_than_a_session_may_have(self):
        with raw.mqtt_session(self.port, "collector") as connection:
            self.assertEqual(subscribe(connection, [f"a/{n}" for n in range(60)]), [0] * 60)
            codes = subscribe(connection, [f"b/{n}" for n in range(60)], 2)
            self.assertEqual(codes, [0] * 40 + [QUOTA_EXCEEDED] * 20)

    def test_more_filters_than_a_packet_may_have(self):
        with Bystander(self.gateway) as bystander, raw.mqtt_session(self.port, "packer") as connection:
            connection.sendall(raw.mqtt_subscribe([f"a/{n}" for n in range(61)]))
            first, body = raw.read_mqtt_packet(connection)
            self.assertTrue(first == 0xE0 or set(body[-61:]) == {QUOTA_EXCEEDED}, (first, body))
            bystander.check()

    def test_more_levels_than_a_topic_may_have(self):
        with Bystander(self.gateway) as bystander:
            for deep in ("/" * 128, "/" * 65_000, "+/" * 200 + "#", "a/" * 30_000 + "a"):
                with raw.mqtt_session(self.port, "diver") as connection:
                    connection.sendall(raw.mqtt_subscribe([deep]))
                    first, body = raw.read_mqtt_packet(connection)
                    self.assertTrue(first == 0xE0 or body[-1] >= 0x80, (deep[:10], first, body))
            bystander.check()

    def test_more_subscriptions_than_a_principals_sessions_may_have_together(self):
        with Gateway(config=POLICY) as gateway:
            port = gateway.ports["mqtt"]
            with raw.mqtt_session(port, "one") as one, raw.mqtt_session(port, "two") as two:
                self.assertEqual(subscribe(one, ["a", "b"]), [0, 0])
                self.assertEqual(subscribe(two, ["c", "d"]), [0, QUOTA_EXCEEDED])
                self.assertEqual(subscribe(two, ["c"], 2), [0], "it holds that one")
                with raw.websocket_session(gateway.ports["http"]) as browser:
                    browser.sendall(raw.websocket_frame(b'{"op":"subscribe","id":1,"filter":"e"}'))
                    while b'"id":1' not in (told := raw.read_websocket_frame(browser)[1]):
                        pass
                    self.assertIn(b"over the limit 'subscriptions' of this principal", told)
            self.assertEqual(total(gateway, "junctor_quota_exceeded_total", scope="principal", limit="subscriptions"), 2)

    def test_memory_of_many_subscriptions_is_given_back(self):
        with Gateway(measured=True) as gateway:
            def fill(name):
                with raw.mqtt_session(gateway.ports["mqtt"], name) as connection:
                    for start in range(0, 10_000, 500):
                        subscribe(connection, [f"{name}/{n}/+" for n in range(start, start + 500)], start + 1)
                    return gateway.resident_bytes()

            first = fill("first")
            later = [fill(f"again-{n}") for n in range(4)][-1]
            self.assertLess(later - first, 16 << 20)


if __name__ == "__main__":
    unittest.main()
