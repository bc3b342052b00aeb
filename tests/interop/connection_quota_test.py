"""A connection above its principal's quota hears so, in each protocol's words; whoever was there stays."""
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


if __name__ == "__main__":
    unittest.main()
