"""Threat 13: what a connection costs before it has authenticated does not depend on what it promises to send."""
import contextlib
import unittest

from support import raw
from support.bystander import Bystander
from support.gateway import Gateway

ATTACKERS = 50
SENT_EACH = 60_000  # below the limit, so that the gateway cannot refuse by what has come, only by what was promised
ALLOWED_EACH = 64 << 10
SLACK = 24 << 20    # of allocators, and of the sanitizers under which the tests run


def mqtt_promise():
    return bytes([0x10, 0xFF, 0xFF, 0xFF, 0x7F]) + raw.mqtt_text("MQTT") + b"\x05\x02\0\0" + b"x" * SENT_EACH


def websocket_promise():
    return b"\x82\xff" + (200 << 20).to_bytes(8, "big") + b"\0\0\0\0" + b"\x10\xff\xff\xff\x7f" + b"x" * SENT_EACH


class PreAuthenticationMemory(unittest.TestCase):
    def attack(self, gateway, open_one):
        with Bystander(gateway) as bystander, contextlib.ExitStack() as stack:
            bystander.check()
            before = gateway.resident_bytes()
            attackers = [stack.enter_context(open_one()) for _ in range(ATTACKERS)]
            bystander.check()
            growth = gateway.resident_bytes() - before
            self.assertLess(growth, ATTACKERS * ALLOWED_EACH + SLACK)
            for attacker in attackers:
                self.assertTrue(raw.ends(attacker), "a promise above the limit is refused at once")
            bystander.check()

    def test_partial_connects_of_256_mb(self):
        with Gateway(measured=True) as gateway:
            def open_one():
                connection = raw.open_socket(gateway.ports["mqtt"])
                with contextlib.suppress(ConnectionError):
                    connection.sendall(mqtt_promise())
                return connection

            self.attack(gateway, open_one)

    def test_partial_connects_over_websocket(self):
        with Gateway(measured=True) as gateway:
            def open_one():
                connection = raw.websocket_session(gateway.ports["http"], "/mqtt", "mqtt")
                with contextlib.suppress(ConnectionError):
                    connection.sendall(websocket_promise())
                return connection

            self.attack(gateway, open_one)

    def test_http_bodies_above_the_limit(self):
        with Gateway(measured=True) as gateway:
            def open_one():
                connection = raw.open_socket(gateway.ports["http"])
                with contextlib.suppress(ConnectionError):
                    connection.sendall(b"POST /v1/topics/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000000\r\n\r\n" + b"x" * SENT_EACH)
                return connection

            self.attack(gateway, open_one)

    def test_more_connections_than_may_wait_for_authentication(self):
        with Gateway(cores=1, config="limits: {unauthenticated_connections: 20}") as gateway, contextlib.ExitStack() as stack:
            silent = [stack.enter_context(raw.open_socket(gateway.ports["mqtt"])) for _ in range(21)]
            self.assertTrue(any(raw.ends(connection, 5) for connection in reversed(silent)), "the one too many is turned away")


if __name__ == "__main__":
    unittest.main()
