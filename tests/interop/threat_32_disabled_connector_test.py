"""Threat 32: a path of a connector that is not configured is not there, and asking for it harms nobody."""
import unittest

from support import raw
from support.gateway import Gateway


class DisabledConnector(unittest.TestCase):
    def test_upgrades_to_what_is_not_configured_are_404(self):
        with Gateway(connectors=["mqtt", "rest"]) as gateway:
            for path, protocol in (("/ws", None), ("/mqtt", "mqtt")):
                with raw.open_socket(gateway.ports["http"]) as connection:
                    connection.sendall(raw.websocket_handshake(path, protocol=protocol))
                    self.assertTrue(raw.read_head(connection).startswith("HTTP/1.1 404"), path)
            self.assertLess(raw.post(gateway, "still/here"), 300)

    def test_rest_is_404_where_only_websockets_are_served(self):
        with Gateway(connectors=["mqtt", "websocket"]) as gateway:
            for method in ("GET", "POST"):
                with raw.open_socket(gateway.ports["http"]) as connection:
                    connection.sendall(f"{method} /v1/topics/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".encode())
                    self.assertTrue(raw.read_head(connection).startswith("HTTP/1.1 404"), method)
            raw.websocket_session(gateway.ports["http"]).close()


if __name__ == "__main__":
    unittest.main()
