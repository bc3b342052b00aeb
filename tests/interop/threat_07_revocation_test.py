"""Threats 6, 7 and 11: rights that a rule file takes away end for those who are here, without a reconnect; a broken file takes and gives nothing."""
import json
import pathlib
import tempfile
import time
import unittest

from support import mqtt_packets as mqtt
from support import raw
from support.accounts import gateway_with_users, passwd
from support.gateway import Gateway
from support.mqtt_client import Client

WAIT_SECONDS = 30
OPEN = """
rules:
  - {allow: [connect, admin]}
  - {allow: [publish, subscribe, request], topics: ["plant/#", "other/#"]}
"""
WITHOUT_PLANT = OPEN + '  - {name: no more plant, deny: [subscribe], topics: ["plant/#"]}\n'
NOBODY = "rules:\n  - {allow: [admin]}\n"


class Revocation(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.rules = pathlib.Path(self.folder.name) / "rules.yaml"
        self.rules.write_text(OPEN)
        policy = f"policy: {{authenticators: [{{type: anonymous}}], authorizers: [{{type: acl, file: {self.rules}}}]}}"
        self.addCleanup(self.folder.cleanup)
        self.gateway = self.enterContext(Gateway(config=policy))

    def mqtt(self, name, **options):
        client = self.enterContext(Client(self.gateway.ports["mqtt"], wait_seconds=WAIT_SECONDS))
        client.connect(name, **options)
        return client

    def websocket(self):
        connection = raw.websocket_session(self.gateway.ports["http"])
        self.addCleanup(connection.close)
        connection.settimeout(WAIT_SECONDS)
        return connection

    def change(self, text):
        """Replaces the file as careful editors do, and waits until the gateway says that it has looked."""
        before = self.gateway.log().count("rules reloaded") + self.gateway.log().count("rules kept")
        beside = self.rules.with_suffix(".new")
        beside.write_text(text)
        beside.rename(self.rules)
        deadline = time.monotonic() + WAIT_SECONDS
        while self.gateway.log().count("rules reloaded") + self.gateway.log().count("rules kept") == before:
            self.assertLess(time.monotonic(), deadline, self.gateway.log())
            time.sleep(0.01)  # between two looks

    def test_a_subscription_ends_in_every_protocol_and_the_rest_stays(self):
        reader = self.mqtt("reader")
        self.assertEqual(list(reader.subscribe("plant/#", "other/#")), [0, 0])
        socket = self.websocket()
        socket.sendall(raw.websocket_frame(json.dumps({"op": "subscribe", "id": 1, "filter": "plant/#"}).encode()))
        self.assertEqual(json.loads(raw.read_websocket_frame(socket)[1])["op"], "ack")
        stream = raw.open_socket(self.gateway.ports["http"], WAIT_SECONDS)
        self.addCleanup(stream.close)
        stream.sendall(b"GET /v1/topics/plant/%23 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
        self.assertIn("200", raw.read_head(stream))
        speaker = self.mqtt("speaker")
        speaker.publish("plant/x", b"before", 1)
        reader.receive(payload=b"before")
        self.assertEqual(json.loads(raw.read_websocket_frame(socket)[1])["data"], "before")

        self.change(WITHOUT_PLANT)
        told = json.loads(raw.read_websocket_frame(socket)[1])
        self.assertEqual((told["op"], told["code"]), ("error", "denied"))
        self.assertIn("plant/#", told["reason"])
        end = b""
        while b"event: closed" not in end:
            piece = stream.recv(4096)
            self.assertTrue(piece, end)
            end += piece
        speaker.publish("plant/x", b"after", 1)
        speaker.publish("other/x", b"sentinel", 1)
        reader.receive(payload=b"sentinel")
        self.assertGreaterEqual(reader.subscribe("plant/x")[0], 0x80)

        self.change(OPEN)
        self.assertEqual(list(reader.subscribe("plant/x")), [0])

    def test_what_waits_and_what_is_retained_stays_back(self):
        durable = {"clean": False, "session_expiry": 600}
        sleeper = self.mqtt("sleeper", **durable)
        self.assertEqual(list(sleeper.subscribe(("plant/#", 1), ("other/#", 1))), [1, 1])
        sleeper.leave()
        speaker = self.mqtt("speaker")
        speaker.publish("plant/x", b"queued", 1, retain=True)
        speaker.publish("other/x", b"sentinel", 1)
        self.change(WITHOUT_PLANT)
        sleeper = self.mqtt("sleeper", **durable)
        sleeper.receive(payload=b"sentinel")
        self.assertGreaterEqual(sleeper.subscribe("plant/#")[0], 0x80)

    def test_who_may_not_connect_any_more_is_told_and_sent_away(self):
        client = self.mqtt("client")
        socket = self.websocket()
        socket.sendall(raw.websocket_frame(b'{"op":"subscribe","id":1,"filter":"other/#"}'))
        raw.read_websocket_frame(socket)
        self.change(NOBODY)
        goodbye = client.read()
        self.assertEqual((goodbye.kind, goodbye.reason), (mqtt.DISCONNECT, 0x87))
        self.assertTrue(raw.ends(socket, WAIT_SECONDS))

    def test_a_broken_file_takes_and_gives_nothing(self):
        self.change(WITHOUT_PLANT)
        client = self.mqtt("client")
        for broken in ("", "rules: []\n", "rules:\n  - {allow: [all]\n", "rules: [{allow: [everything]}]\n", OPEN + "other: 1\n"):
            with self.subTest(broken):
                self.change(broken)
                self.assertGreaterEqual(client.subscribe("plant/x")[0], 0x80)
                self.assertEqual(list(client.subscribe("other/x")), [0])
        self.assertIn("rules kept as they were", self.gateway.log())

    def test_a_live_session_is_explained(self):
        client = self.mqtt("client")
        client.subscribe("other/#")
        listed = json.loads(self.gateway.admin("/v1/sessions"))["sessions"]
        session = next(each["id"] for each in listed if each.get("name") == "client")
        self.change(WITHOUT_PLANT)
        told = json.loads(self.gateway.admin(f"/v1/explain?session={session}&verb=subscribe&topic=plant/x"))
        self.assertEqual(told["verdict"]["outcome"], "deny")
        self.assertEqual(told["verdict"]["rule"], "no more plant")
        self.assertEqual([rule["applies"] for rule in told["asked"][0]["rules"]], [False, True, True])
        self.assertGreaterEqual(client.subscribe("plant/x")[0], 0x80)


class Departure(unittest.TestCase):
    """Users that leave a password file, or change their groups or password in it, while they are here."""

    def test_who_leaves_the_file_is_sent_away_and_the_rest_stays(self):
        with gateway_with_users({"ann": "pencil", "bob": ("crayon", "ops"), "eve": "chalk"}) as gateway:
            users = gateway.folder / "users"
            clients = {}
            for name, password in (("ann", b"pencil"), ("bob", b"crayon"), ("eve", b"chalk")):
                clients[name] = self.enterContext(Client(gateway.ports["mqtt"], wait_seconds=WAIT_SECONDS))
                clients[name].connect(name, username=name, password=password)
            passwd(users, "ann", None, "--delete")
            goodbye = clients["ann"].read()
            self.assertEqual((goodbye.kind, goodbye.reason), (mqtt.DISCONNECT, 0x87))
            passwd(users, "bob", "crayon", "--groups", "")
            goodbye = clients["bob"].read()
            self.assertEqual((goodbye.kind, goodbye.reason), (mqtt.DISCONNECT, 0x87), "its rights would be old ones")
            self.assertEqual(list(clients["eve"].subscribe("still/here")), [0])
            passwd(users, "eve", "charcoal", "--scram")
            goodbye = clients["eve"].read()
            self.assertEqual((goodbye.kind, goodbye.reason), (mqtt.DISCONNECT, 0x87), "somebody else may know the old one")
            with Client(gateway.ports["mqtt"], wait_seconds=WAIT_SECONDS) as again:
                again.connect("eve", username="eve", password=b"charcoal")
                self.assertEqual(list(again.subscribe("back/again")), [0])


if __name__ == "__main__":
    unittest.main()
