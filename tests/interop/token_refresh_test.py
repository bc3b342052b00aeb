"""Tokens that end are replaced in place: by MQTT 5's AUTH (OAUTHBEARER), by a WebSocket frame, by an event stream that comes again."""
import json
import time
import unittest

from support import mqtt_packets as mqtt
from support import raw, tokens
from support.gateway import Gateway
from support.mqtt_client import Client

HEADER = {"alg": "RS256", "typ": "at+jwt"}
METHOD = "OAUTHBEARER"
POLICY = """policy:
  authenticators:
    - {{type: jwt, algorithms: [RS256], public_key: {public}, issuer: "https://issuer.example", audience: [junctor], token_types: [at+jwt],
       clock_skew: 0s, from: [bearer, password]}}
  authorizers: [{{type: allow_all}}]
"""


def message(token):
    """RFC 7628 section 3.1."""
    return b"n,,\1auth=Bearer " + token.encode() + b"\1\1"


class TokenRefresh(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.issuer = tokens.Issuer()
        cls.addClassCleanup(cls.issuer.remove)
        cls.gateway = cls.enterClassContext(Gateway(config=POLICY.format(public=cls.issuer.public)))
        cls.ports = cls.gateway.ports

    def token(self, seconds, **more):
        return self.issuer.token(HEADER, {**tokens.claims(), "exp": int(time.time()) + seconds, **more})

    def until_it_ends(self, token):
        """Until a session that nobody refreshes has ended with that token."""
        connection, answer = tokens.open_mqtt(self.ports["mqtt"], token, f"unrefreshed-{time.monotonic_ns()}")
        with connection:
            self.assertEqual(answer[1][1], 0)
            self.assertTrue(raw.ends(connection, 60))

    def mqtt(self, token):
        client = self.enterContext(Client(self.ports["mqtt"], wait_seconds=60))
        client.send(mqtt.connect(client_id=f"refreshed-{time.monotonic_ns()}", authentication_method=METHOD, authentication_data=message(token)))
        self.assertEqual(client.expect(mqtt.CONNACK, reason=0).properties["authentication_method"], METHOD)
        return client

    def show_again(self, client, token):
        client.send(mqtt.auth(0x19, authentication_method=METHOD, authentication_data=message(token)))

    def test_mqtt(self):
        brief = self.token(5)
        client = self.mqtt(brief)
        client.subscribe("a")
        self.show_again(client, self.token(600))
        client.expect(mqtt.AUTH, reason=0)
        self.until_it_ends(brief)
        client.send(mqtt.publish(5, "a", b"x", 0, None))
        self.assertEqual(client.expect(mqtt.PUBLISH).payload, b"x", "it stands, with its subscription")

    def test_mqtt_takes_no_other_ones(self):
        good = self.token(600)
        for bad in (self.token(600, sub="mallory"), self.token(-600), good[:-8] + "AAAAAAAA", ""):
            client = self.mqtt(good)
            self.show_again(client, bad)
            client.expect_goodbye(0x87, 0x82)
        for data in (good.encode(), b"n,a=mallory,\1auth=Bearer " + good.encode() + b"\1\1", b""):
            with Client(self.ports["mqtt"], wait_seconds=60) as client:
                client.send(mqtt.connect(client_id="odd", authentication_method=METHOD, authentication_data=data))
                self.assertIn(client.expect(mqtt.CONNACK).reason, (0x86, 0x87, 0x8C))

    def test_websocket(self):
        brief = self.token(5)
        connection = self.enterContext(raw.websocket_session(self.ports["http"]))

        def operate(**operation):
            connection.sendall(raw.websocket_frame(json.dumps(operation).encode()))
            return json.loads(raw.read_websocket_frame(connection)[1])

        connection.settimeout(60)
        self.assertEqual(operate(op="auth", id=1, token=brief)["op"], "ack")
        self.assertEqual(operate(op="subscribe", id=2, filter="b")["op"], "ack")
        self.assertEqual(operate(op="auth", id=3, token=self.token(600))["op"], "ack")
        self.until_it_ends(brief)
        self.assertEqual(operate(op="publish", topic="b", data="x")["topic"], "b")

    def events(self, token):
        connection = self.enterContext(raw.open_socket(self.ports["http"], 60))
        connection.sendall(f"GET /v1/topics/c?session=stream&expiry=1h HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        self.assertIn("200", raw.read_head(connection))
        return connection

    def test_an_event_stream_comes_again(self):
        stream = self.events(self.token(3))
        ended = b""
        while b"event: closed" not in ended:  # with its token
            self.assertTrue(part := stream.recv(1 << 16))
            ended += part
        fresh = self.token(600)
        self.assertTrue(tokens.rest(self.gateway, fresh)[0])
        again = self.events(fresh)
        publisher = self.mqtt(fresh)
        publisher.publish("c", b"after", qos=1)
        received = b""
        while b"after" not in received:
            received += again.recv(1 << 16)


if __name__ == "__main__":
    unittest.main()
