"""Threat 14: nothing is inflated, so nothing can explode."""
import gzip
import unittest

from support import raw
from support.bystander import Bystander
from support.gateway import Gateway

MASKED_TEXT_WITH_RSV1 = 0xC0


class Compression(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway())
        cls.port = cls.gateway.ports["http"]

    def test_permessage_deflate_is_not_negotiated(self):
        for path, protocol in (("/ws", None), ("/mqtt", "mqtt")):
            with raw.open_socket(self.port) as connection:
                connection.sendall(raw.websocket_handshake(path, "permessage-deflate; client_max_window_bits", protocol))
                head = raw.read_head(connection)
            self.assertTrue(head.startswith("HTTP/1.1 101"), head)
            self.assertNotIn("extensions", head.lower())

    def test_a_frame_that_claims_to_be_compressed_ends_the_connection(self):
        with Bystander(self.gateway) as bystander, raw.websocket_session(self.port) as connection:
            connection.sendall(raw.websocket_frame(b"\xaa\x56\x4a", first_bits=MASKED_TEXT_WITH_RSV1))
            opcode, payload = raw.read_websocket_frame(connection)
            self.assertEqual((opcode, payload[:2]), (8, (1002).to_bytes(2, "big")))
            self.assertTrue(raw.ends(connection))
            bystander.check()

    def test_a_compressed_body_is_not_inflated(self):
        bomb = gzip.compress(b"\0" * (64 << 20))
        with raw.open_socket(self.port) as connection:
            connection.sendall(b"POST /v1/topics/bomb?retain=1 HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\n" +
                               b"Content-Length: %d\r\n\r\n" % len(bomb) + bomb)
            status = int(raw.read_head(connection).split()[1])
        self.assertTrue(status in (200, 202, 204, 415), status)
        if status != 415:
            with raw.open_socket(self.port) as connection:
                connection.sendall(b"GET /v1/topics/bomb HTTP/1.1\r\nHost: localhost\r\n\r\n")
                self.assertIn(f"content-length: {len(bomb)}", raw.read_head(connection).lower())


if __name__ == "__main__":
    unittest.main()
