"""Threat 22: a peer that sends a byte now and then is gone when its time is up, however busy it looks."""
import itertools
import select
import time
import unittest

from support import raw
from support.bystander import Bystander
from support.gateway import Gateway

LIMITS = "limits: {handshake_timeout: 1s, http_header_timeout: 1s}"
PATIENCE_SECONDS = 20  # far above the limit of one second, far below what the trickle would take


def trickle_until_closed(connection, data):
    """Sends a byte every 50 ms. How long the gateway bore it; None when it never ended the connection."""
    started = time.monotonic()
    for byte in itertools.cycle(data):
        if time.monotonic() - started > PATIENCE_SECONDS:
            return None
        readable, _, _ = select.select([connection], [], [], 0.05)
        try:
            if readable and not connection.recv(65536):
                return time.monotonic() - started
            connection.sendall(bytes([byte]))
        except ConnectionError:
            return time.monotonic() - started
    return None


class Slowloris(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(config=LIMITS))

    def check(self, port, start, rest):
        with Bystander(self.gateway) as bystander, raw.open_socket(self.gateway.ports[port]) as connection:
            connection.sendall(start)
            self.assertIsNotNone(trickle_until_closed(connection, rest), "still open")
            bystander.check()

    def test_a_trickle_of_http_headers(self):
        self.check("http", b"GET /v1/topics/a HTTP/1.1\r\nHost: localhost\r\n", b"X-Header: a\r\n")

    def test_a_trickle_of_an_http_request_line(self):
        self.check("http", b"GET /", b"a")

    def test_a_trickle_of_an_http_body(self):
        self.check("http", b"POST /v1/topics/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n", b"a")

    def test_a_trickle_of_a_connect(self):
        self.check("mqtt", b"\x10\xff\x7f" + raw.mqtt_text("MQTT") + b"\x05\x02\0\0\0\x30\0", b"a")

    def test_silence(self):
        for port in ("mqtt", "http", "admin"):
            with self.subTest(port=port), raw.open_socket(self.gateway.ports[port]) as connection:
                self.assertTrue(raw.ends(connection, PATIENCE_SECONDS))

    def test_an_upgrade_without_a_connect(self):
        with raw.websocket_session(self.gateway.ports["http"], "/mqtt", "mqtt") as connection:
            self.assertTrue(raw.ends(connection, PATIENCE_SECONDS))

    def test_a_keep_alive_that_is_not_kept(self):
        with raw.open_socket(self.gateway.ports["mqtt"]) as connection:
            connection.sendall(raw.mqtt_connect("half-open", keep_alive=1))
            self.assertEqual(raw.read_mqtt_packet(connection)[0], 0x20)
            self.assertTrue(raw.ends(connection, PATIENCE_SECONDS))


if __name__ == "__main__":
    unittest.main()
