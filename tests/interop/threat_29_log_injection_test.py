"""Threat 29: what a client sends cannot forge a log line or steer a terminal."""
import contextlib
import unittest

from support import raw
from support.gateway import Gateway

FORGERY = "x\r\nforged line \x1b[31m\x07\x7f\u0085\u009b"


class LogInjection(unittest.TestCase):
    def test_control_characters_of_clients_are_escaped(self):
        with Gateway(config="log: {level: debug}") as gateway:
            for version in (4, 5):
                with raw.open_socket(gateway.ports["mqtt"]) as connection:
                    connection.sendall(raw.mqtt_connect(FORGERY, version) + raw.mqtt_subscribe([FORGERY], version=version) + b"\xff\xff")
                    self.assertTrue(raw.ends(connection))
            with raw.open_socket(gateway.ports["http"]) as connection, contextlib.suppress(ConnectionError):
                connection.sendall(b"GET /v1/topics/%0d%0aforged%20line%1b HTTP/1.1\r\nHost: localhost\r\nUser-Agent: \x1b]0;forged line\x07\r\n\r\n")
                connection.recv(65536)
            with raw.websocket_session(gateway.ports["http"]) as connection:
                connection.sendall(raw.websocket_frame(b'{"op":"hello","id":1,"name":"x\\r\\nforged line \\u001b[31m"}'))
                raw.read_websocket_frame(connection)
            gateway.stop()
            log = gateway.log()
        for line in log.split("\n"):
            self.assertFalse(line.startswith("forged"), line)
            self.assertNotRegex(line, "[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]")


if __name__ == "__main__":
    unittest.main()
