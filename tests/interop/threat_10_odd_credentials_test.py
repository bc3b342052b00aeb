"""Threat 10: missing and odd credentials let nobody in, by any protocol, and nothing comes before them."""
import json
import unittest

from support import mqtt_packets, raw
from support.accounts import basic, gateway_with_users
from support.mqtt_client import Client

USERS = {"ann": "pencil"}


class OddCredentials(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Anonymous clients would be welcome here: wrong credentials must not become none.
        cls.open = cls.enterClassContext(gateway_with_users(USERS, "{type: password_file, file: users}, {type: anonymous}"))
        cls.closed = cls.enterClassContext(gateway_with_users(USERS))

    def connack(self, gateway, **fields):
        with Client(gateway.ports["mqtt"]) as client:
            client.send(mqtt_packets.connect(client_id="odd", **fields))
            return client.expect(mqtt_packets.CONNACK).reason

    def test_mqtt(self):
        for gateway in (self.open, self.closed):
            self.assertEqual(self.connack(gateway, username="ann", password="pencil"), 0)
            for fields in ({"username": "ann"}, {"username": "ann", "password": ""}, {"username": "ann", "password": "pencil\0"},
                           {"username": "ann", "password": "Pencil"}, {"username": "", "password": "pencil"}, {"password": "pencil"},
                           {"username": "", "password": ""}, {"password": ""}, {"username": "anonymous", "password": "x"}, {"username": "anonymous"},
                           {"username": "ann", "password": "pencil", "authentication_method": "GS2-KRB5"},
                           {"authentication_method": "PLAIN", "authentication_data": b"\0ann\0pencil"}):
                self.assertIn(self.connack(gateway, **fields), (0x86, 0x87, 0x8C), fields)
        self.assertEqual(self.connack(self.open), 0)
        self.assertEqual(self.connack(self.closed), 0x87)

    def test_mqtt_in_which_something_else_comes_first(self):
        for first in (mqtt_packets.publish(5, "a", b"x"), mqtt_packets.subscribe(5, 1, ("#", 0)), b"\xc0\x00",
                      mqtt_packets.auth(0x18, authentication_method="SCRAM-SHA-256"), mqtt_packets.disconnect(5)):
            with Client(self.closed.ports["mqtt"]) as client:
                client.send(first)
                client.expect_end()

    def post(self, gateway, *headers):
        with raw.open_socket(gateway.ports["http"]) as connection:
            lines = ["POST /v1/topics/a HTTP/1.1", "Host: localhost", "Content-Length: 1", *headers]
            connection.sendall(("\r\n".join(lines) + "\r\n\r\nx").encode())
            return int(raw.read_head(connection).split()[1])

    def test_http(self):
        for gateway in (self.open, self.closed):
            self.assertEqual(self.post(gateway, basic("ann", "pencil")), 202)
            for headers in ([basic("ann", "")], [basic("", "pencil")], [basic("", "")], [basic("nobody", "pencil")], ["Authorization: Basic YW5u"],
                            ["Authorization: Basic !"], ["Authorization:"], ["Authorization: Digest ann"], ["Authorization: Bearer"],
                            ["Authorization: Bearer x"], [basic("ann", "pencil"), basic("ann", "pencil")], [basic("ann", "pencil"), "Authorization: Bearer x"]):
                self.assertEqual(self.post(gateway, *headers), 401, headers)
        self.assertEqual(self.post(self.open), 202)
        self.assertEqual(self.post(self.closed), 401)

    def websocket(self, gateway, *operations, headers=()):
        with raw.open_socket(gateway.ports["http"]) as connection:
            connection.sendall(raw.websocket_handshake()[:-2] + "".join(header + "\r\n" for header in headers).encode() + b"\r\n")
            self.assertIn(" 101 ", raw.read_head(connection))
            for operation in operations:
                connection.sendall(raw.websocket_frame(json.dumps(operation).encode()))
            return json.loads(raw.read_websocket_frame(connection)[1])

    def test_websocket(self):
        publish = {"op": "publish", "id": 1, "topic": "a", "data": "x"}
        for gateway in (self.open, self.closed):
            for headers in ([basic("ann", "")], [basic("nobody", "pencil")], ["Authorization: Digest x"], ["Authorization: Bearer x"]):
                self.assertEqual(self.websocket(gateway, publish, headers=headers)["code"], "not_authenticated", headers)
            for shown in ({"user": "ann"}, {"user": "ann", "password": ""}, {"user": "nobody", "password": "pencil"}, {"token": "x"}, {"method": "PLAIN"}):
                self.assertEqual(self.websocket(gateway, {"op": "auth", "id": 1, **shown}, publish)["code"], "not_authenticated", shown)
        self.assertEqual(self.websocket(self.open, publish), {"op": "ack", "id": 1})
        self.assertEqual(self.websocket(self.closed, publish)["code"], "not_authenticated")


if __name__ == "__main__":
    unittest.main()
