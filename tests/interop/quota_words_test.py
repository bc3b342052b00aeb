"""Who is above a quota of its principal hears so, in each protocol's words; whoever was there stays."""
import json
import unittest
import urllib.error
import urllib.request

import zmq

from support import mqtt_packets as mqtt
from support import raw, vertx
from support.accounts import ALLOW_ALL, basic, gateway_with_users
from support.mqtt_client import Client

ANN = {"username": "ann", "password": "one"}
LOGIN = {"address": "vertx.basicauthmanager.login", "replyAddress": "l", "body": ANN}


class ConnectionQuota(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = gateway_with_users({"ann": "one", "bob": "two"}, authorizers=f"{ALLOW_ALL}, limits: {{principal: {{connections: 1}}}}",
                                         zeromq="mechanism: plain", connectors=["mqtt", "websocket", "rest", "zeromq", "vertx"])
        cls.enterClassContext(cls.gateway)
        cls.ports = cls.gateway.ports
        cls.holder = cls.enterClassContext(Client(cls.ports["mqtt"], wait_seconds=60))
        cls.holder.connect("holder", **ANN)

    def tearDown(self):
        self.holder.expect_nothing()

    def mqtt(self, version):
        client = Client(self.ports["mqtt"], version, wait_seconds=60)
        self.addCleanup(client.cut)
        client.send(mqtt.connect(version, "another", **ANN))
        answer = client.expect(mqtt.CONNACK)
        client.expect_end()
        return answer.reason

    def test_mqtt_5(self):
        self.assertEqual(self.mqtt(mqtt.V5), 0x97)

    def test_mqtt_3(self):
        self.assertEqual(self.mqtt(mqtt.V3_1_1), 3)

    def test_http(self):
        request = urllib.request.Request(self.gateway.url("/v1/topics/a"), b"x", dict([basic("ann", "one").split(": ")]), method="POST")
        with self.assertRaises(urllib.error.HTTPError) as refused, urllib.request.urlopen(request, timeout=60):
            pass
        with refused.exception as refusal:
            self.assertEqual((refusal.code, refusal.headers["Retry-After"]), (429, "1"))
            self.assertEqual(json.load(refusal)["code"], "quota_exceeded")

    def test_websocket(self):
        with raw.open_socket(self.ports["http"], 60) as connection:
            connection.sendall(raw.websocket_handshake()[:-2] + basic("ann", "one").encode() + b"\r\n\r\n")
            raw.read_head(connection)
            connection.sendall(raw.websocket_frame(b'{"op":"publish","id":1,"topic":"a"}'))
            self.assertEqual(json.loads(raw.read_websocket_frame(connection)[1])["code"], "quota_exceeded")
            opcode, payload = raw.read_websocket_frame(connection)
            self.assertEqual((opcode, payload[:2]), (8, b"\x03\xf0"), "1008: policy violation")

    def test_zeromq(self):
        socket = zmq.Context.instance().socket(zmq.DEALER)
        self.addCleanup(socket.close, 0)
        socket.plain_username, socket.plain_password = b"ann", b"one"
        socket.connect(f"tcp://127.0.0.1:{self.ports['request']}")
        socket.send_multipart([b"ping", b"1"])
        self.assertTrue(socket.poll(60_000))
        self.assertEqual(socket.recv_multipart()[3], b"quota_exceeded")

    def test_vertx(self):
        with vertx.BridgeClient(self.ports["vertx"]) as client:
            client.send("send", **LOGIN)
            self.assertEqual(client.receive()["message"], "quota_exceeded")

    def test_others_come_in(self):
        client = Client(self.ports["mqtt"], wait_seconds=60)
        self.addCleanup(client.cut)
        client.connect("bob", username="bob", password="two")


class Rates(unittest.TestCase):
    """What is published too fast, and subscriptions too many: the first of each takes all there is for minutes."""

    USERS = ("mqtt5", "mqtt3", "rest", "websocket", "zeromq", "vertx")
    LARGE = b"x" * 100_000

    @classmethod
    def setUpClass(cls):
        cls.gateway = gateway_with_users({user: "one" for user in cls.USERS}, zeromq="mechanism: plain", connectors=["mqtt", "websocket", "rest", "zeromq", "vertx"],
                                         authorizers=f"{ALLOW_ALL}, limits: {{principal: {{bytes_per_second: 100, subscriptions: 1}}}}")
        cls.enterClassContext(cls.gateway)
        cls.ports = cls.gateway.ports

    def mqtt(self, version, user):
        client = self.enterContext(Client(self.ports["mqtt"], version, wait_seconds=60))
        client.connect(user, username=user, password="one")
        return client

    def test_mqtt_5(self):
        client = self.mqtt(mqtt.V5, "mqtt5")
        self.assertLess(client.publish("a", self.LARGE, qos=1), 0x80)
        self.assertEqual(client.publish("a", b"x", qos=1), 0x97)
        self.assertEqual(client.publish("a", b"x", qos=2), 0x97)
        self.assertEqual(client.subscribe("a", "b"), [0, 0x97])

    def test_mqtt_3(self):
        client = self.mqtt(mqtt.V3_1_1, "mqtt3")
        self.assertEqual(client.subscribe("a", "b"), [0, 0x80])
        client.unsubscribe("a")
        client.publish("b", self.LARGE, qos=1)
        client.send(mqtt.publish(mqtt.V3_1_1, "b", b"x", 1, 9))
        client.expect_end()  # it has no word for that, and what may succeed later is not acknowledged

    def rest(self, method, path, body=None, **headers):
        request = urllib.request.Request(self.gateway.url(path), body, {**dict([basic("rest", "one").split(": ")]), **headers}, method=method)
        try:
            answer = urllib.request.urlopen(request, timeout=60)
            self.addCleanup(answer.close)
            return answer.status, None, None
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.headers["Retry-After"], json.load(refusal)["code"]

    def test_rest(self):
        self.assertEqual(self.rest("POST", "/v1/topics/a", self.LARGE)[0], 202)
        self.assertEqual(self.rest("POST", "/v1/topics/a", b"x"), (429, "1", "quota_exceeded"))
        self.assertEqual(self.rest("GET", "/v1/topics/a", Accept="text/event-stream")[0], 200)
        self.assertEqual(self.rest("GET", "/v1/topics/b", Accept="text/event-stream"), (429, "1", "quota_exceeded"))

    def test_websocket(self):
        connection = self.enterContext(raw.open_socket(self.ports["http"], 60))
        connection.sendall(raw.websocket_handshake()[:-2] + basic("websocket", "one").encode() + b"\r\n\r\n")
        raw.read_head(connection)

        def operate(**operation):
            connection.sendall(raw.websocket_frame(json.dumps({"id": 1, **operation}).encode()))
            answer = json.loads(raw.read_websocket_frame(connection)[1])
            return answer.get("code", answer["op"])

        self.assertEqual(operate(op="publish", topic="a", data=self.LARGE.decode()), "ack")
        self.assertEqual(operate(op="publish", topic="a", data="x"), "quota_exceeded")
        self.assertEqual(operate(op="subscribe", filter="a"), "ack")
        self.assertEqual(operate(op="subscribe", filter="b"), "quota_exceeded")

    def test_zeromq(self):
        socket = zmq.Context.instance().socket(zmq.DEALER)
        self.addCleanup(socket.close, 0)
        socket.plain_username, socket.plain_password = b"zeromq", b"one"
        socket.connect(f"tcp://127.0.0.1:{self.ports['request']}")

        def operate(*frames):
            socket.send_multipart(frames)
            self.assertTrue(socket.poll(60_000))
            answer = socket.recv_multipart()
            return answer[3] if answer[0] == b"error" else answer[0]

        self.assertEqual(operate(b"publish", b"1", b"a", self.LARGE), b"ack")
        self.assertEqual(operate(b"publish", b"2", b"a", b"x"), b"quota_exceeded")
        self.assertEqual(operate(b"subscribe", b"3", b"a"), b"ack")
        self.assertEqual(operate(b"subscribe", b"4", b"b"), b"quota_exceeded")

    def test_vertx(self):
        with vertx.BridgeClient(self.ports["vertx"]) as client:
            client.send("send", **{**LOGIN, "body": {"username": "vertx", "password": "one"}})
            self.assertEqual(client.receive()["type"], "message")
            client.send("publish", address="a", body=self.LARGE.decode())
            client.send("publish", address="a", body="x")
            self.assertEqual(client.receive()["message"], "quota_exceeded")
            for address in ("a", "b"):
                client.send("register", address=address)
            self.assertEqual(client.receive()["message"], "quota_exceeded")


if __name__ == "__main__":
    unittest.main()
