"""Threat 1: whatever a protocol writes, the rules see one canonical name, and what they deny arrives under no spelling."""
import json
import unittest
import urllib.error
import urllib.request

import zmq

from support import raw
from support.gateway import Gateway
from support.mqtt_client import Client

POLICY = """
policy:
  authenticators: [{type: anonymous}]
  authorizers:
    - type: acl
      rules:
        - {allow: [connect, publish, subscribe]}
        - {deny: [publish], topics: ["plant/secret", "plant/secret/#"]}
"""
# What a client writes that is the denied name, and what only looks like it, with what it is.
DENIED_PATHS = ("plant/secret", "plant%2Fsecret", "plant%2fsecret", "plant/%73ecret", "%70lant/secret/x")
OTHER_NAMES = ("plant//secret", "/plant/secret", "Plant/secret", "plant/Secret", "plant.secret", "plant:secret", "plant/secret.x", "plant/ secret", "plant/secre\u0301t")


class CanonicalNames(unittest.TestCase):
    def setUp(self):
        self.gateway = self.enterContext(Gateway(config=POLICY))
        self.watcher = self.enterContext(Client(self.gateway.ports["mqtt"], wait_seconds=30))
        self.watcher.connect("watcher")
        self.assertEqual(list(self.watcher.subscribe("#")), [0])

    def rest(self, path):
        request = urllib.request.Request(self.gateway.url("/v1/topics/" + path), b"x", method="POST")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            return refused.code

    def websocket(self, topic):
        with raw.websocket_session(self.gateway.ports["http"]) as connection:
            connection.sendall(raw.websocket_frame(json.dumps({"op": "publish", "id": 1, "topic": topic, "data": "x"}).encode()))
            return json.loads(raw.read_websocket_frame(connection)[1])

    def zeromq(self, *topics):
        socket = zmq.Context.instance().socket(zmq.XPUB)
        socket.linger = 2000
        socket.connect(f"tcp://127.0.0.1:{self.gateway.ports['pub']}")
        socket.recv()  # the gateway has subscribed
        for topic in topics:
            socket.send_multipart([topic.encode(), b"x"])
        socket.close()

    def expect_only(self, *topics):
        """These arrive, in any order, and nothing else before the sentinel that follows them."""
        with Client(self.gateway.ports["mqtt"]) as speaker:
            speaker.connect("sentinel")
            speaker.publish("sentinel", b"x", 1)
        seen = []
        while not seen or seen[-1] != "sentinel":
            seen.append(self.watcher.receive().topic.decode())
        self.assertEqual(sorted(seen[:-1]), sorted(topics))

    def test_mqtt(self):
        with Client(self.gateway.ports["mqtt"]) as client:
            client.connect("speaker")
            for denied in ("plant/secret", "plant/secret/", "plant/secret/x"):
                self.assertGreaterEqual(client.publish(denied, b"x", 1), 0x80, denied)
            for name in OTHER_NAMES:
                self.assertLess(client.publish(name, b"x", 1), 0x80, name)
        self.expect_only(*OTHER_NAMES)

    def test_rest(self):
        for path in DENIED_PATHS:
            self.assertEqual(self.rest(path), 403, path)
        self.assertEqual(self.rest("plant%252Fsecret"), 202)
        self.assertEqual(self.rest("Plant/secret"), 202)
        self.expect_only("plant%2Fsecret", "Plant/secret")

    def test_websocket(self):
        self.assertEqual(self.websocket("plant/secret")["code"], "denied")
        for name in OTHER_NAMES:
            self.assertEqual(self.websocket(name)["op"], "ack", name)
        self.expect_only(*OTHER_NAMES)

    def test_zeromq(self):
        self.zeromq("plant/secret", "plant/secret/x", "plant.secret")
        self.assertEqual(self.watcher.receive().topic.decode(), "plant.secret")
        self.expect_only()


if __name__ == "__main__":
    unittest.main()
