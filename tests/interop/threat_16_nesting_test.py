"""Threat 16: deeply nested JSON is refused by its depth, wherever JSON comes in, and a flood of equal-looking keys costs nothing."""
import json
import time
import unittest

from support import raw
from support.bystander import Bystander
from support.clients import ZeromqDealer
from support.gateway import Gateway

DEPTHS = (65, 10_000, 1_000_000)


def nested(depth):
    return b"[" * depth + b"]" * depth


class Nesting(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway())
        cls.ports = cls.gateway.ports

    def test_websocket(self):
        for depth in DEPTHS:
            with self.subTest(depth=depth), Bystander(self.gateway) as bystander, raw.websocket_session(self.ports["http"]) as connection:
                connection.sendall(raw.websocket_frame(b'{"op":"publish","id":1,"topic":"deep","data":' + nested(depth) + b"}"))
                self.assertIn(b'"error"', raw.read_websocket_frame(connection)[1])
                connection.sendall(raw.websocket_frame(b'{"op":"ping","id":2}'))
                self.assertEqual(json.loads(raw.read_websocket_frame(connection)[1]), {"op": "pong", "id": 2})
                bystander.check()

    def test_zeromq_headers(self):
        with ZeromqDealer(self.ports["request"]) as dealer:
            for depth in DEPTHS:
                dealer.socket.send_multipart([b"publish", b"1", b"deep", b"", b'{"headers":' + nested(depth) + b"}"])
                self.assertEqual(dealer.receive_frames()[0], b"error")

    def test_cloud_events_body(self):
        for depth in DEPTHS:
            body = b'{"specversion":"1.0","id":"1","source":"/t","type":"t","data":' + nested(depth) + b"}"
            with self.subTest(depth=depth), raw.open_socket(self.ports["http"]) as connection:
                connection.sendall(b"POST /v1/topics/deep HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/cloudevents+json\r\n" +
                                   b"Content-Length: %d\r\n\r\n" % len(body) + body)
                self.assertRegex(raw.read_head(connection), r"^HTTP/1\.1 (2\d\d|400) ")  # as bare bytes, or refused

    def test_many_keys(self):
        keys = b",".join(b'"k%d":"v"' % number for number in range(100_000))
        with raw.websocket_session(self.ports["http"]) as connection:
            started = time.monotonic()
            connection.sendall(raw.websocket_frame(b'{"op":"publish","id":1,"topic":"a","data":"","headers":{' + keys + b"}}"))
            self.assertIn(b'"error"', raw.read_websocket_frame(connection)[1])
            self.assertLess(time.monotonic() - started, 10)


if __name__ == "__main__":
    unittest.main()
