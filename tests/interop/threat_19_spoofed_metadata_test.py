"""Threat 19: what the gateway says of a message, and who somebody is, comes from the gateway alone: no field of a message sets it."""
import json
import unittest
import urllib.error
import urllib.request

from deny_matrix import ROWS
from support import mqtt_packets as mqtt
from support import raw
from support.accounts import basic, gateway_with_users

USERS = {"mallory": "one", "reader": "two"}
FORGED = "9f86d081884c7d65-7"
AS_ROOT = [("user-id", "root"), ("principal", "root"), ("tenant", "other")]


class SpoofedMetadata(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        rules = "[{allow: [all], principals: [root]}, {allow: [all], topics: ['#', '$SYS/#'], principals: [root, reader]}, {allow: [connect, admin]}, " \
                "{allow: [publish], topics: ['mine/${user}/#'], principals: [mallory]}]"
        gateway = gateway_with_users(USERS, authorizers=f"authorizers: [{{type: acl, rules: {rules}}}], audit: {{file: audit.json}}", zeromq="mechanism: plain")
        gateway._config += "\nname: one\nhistory: [{filter: mine/#, messages: 10}]"
        cls.gateway = cls.enterClassContext(gateway)
        cls.ports = gateway.ports

    def reader(self):
        """An MQTT client that asks for positions."""
        reader = ROWS["mqtt"].Client(self.ports, "reader", USERS["reader"])
        self.addCleanup(reader.cut)
        reader._wire.send(mqtt.subscribe(5, 1, ("mine/#", 1), user_property=[("junctor-history", "now")]))
        self.assertLess(reader._answer(mqtt.SUBACK).codes[0], 0x80)
        return reader

    def mallory(self, system):
        client = ROWS[system].Client(self.ports, "mallory", USERS["mallory"])
        self.addCleanup(client.cut)
        return client

    def own_words(self, reader):
        """What the next message says in the gateway's name."""
        said = reader._answer(mqtt.PUBLISH).properties.get("user_property", [])
        return [value for name, value in said if name.startswith("junctor-")]

    def test_mqtt(self):
        reader, mallory = self.reader(), self.mallory("mqtt")
        mallory._wire.send(mqtt.publish(5, "mine/mallory/a", b"x", 1, 1, user_property=[("junctor-history", FORGED), ("junctor-hops", "one"), *AS_ROOT]))
        self.assertEqual(mallory._answer(mqtt.PUBACK).reason, 0, "whoever is no bridge says nothing about hops")
        (position,) = self.own_words(reader)
        self.assertNotEqual(position, FORGED)
        mallory._wire.send(mqtt.publish(5, "mine/root/a", b"x", 1, 2, user_property=AS_ROOT))
        self.assertEqual(mallory._answer(mqtt.PUBACK).reason, 0x87)

    def test_websocket(self):
        reader, mallory = self.reader(), self.mallory("websocket")
        forged = {"junctor-history": FORGED, "junctor-hops": "one", **dict(AS_ROOT)}
        self.assertTrue(mallory._operate(op="publish", topic="mine/mallory/a", data="x", qos=1, headers=forged))
        (position,) = self.own_words(reader)
        self.assertNotEqual(position, FORGED)
        self.assertFalse(mallory._operate(op="publish", topic="mine/root/a", data="x", headers=forged))
        for field in ("seq", "epoch", "offset", "principal", "user", "hops"):
            mallory._socket.sendall(raw.websocket_frame(json.dumps({"op": "publish", "id": 2, "topic": "mine/mallory/a", "data": "x", field: 1}).encode()))
            self.assertEqual(mallory._read()["code"], "bad_request", field)

    def test_rest(self):
        reader = self.reader()

        def status(path, headers, body=b"x"):
            request = urllib.request.Request(self.gateway.url(path), body, {**dict([basic("mallory", "one").split(": ")]), **headers}, method="POST")
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return answer.status
            except urllib.error.HTTPError as refusal:
                with refusal:
                    return refusal.code

        for name in ("Junctor-Principal", "Junctor-Seq", "Junctor-Hops"):
            self.assertEqual(status("/v1/topics/mine/mallory/a?qos=1", {name: "root"}), 400, name)
        self.assertEqual(status("/v1/topics/mine/root/a?qos=1", {"X-Forwarded-User": "root", "X-Remote-User": "root", "From": "root"}), 403)
        forged = {"specversion": "1.0", "id": "1", "source": "/root", "type": "x", "data": "x", "junctorhistory": FORGED, "hops": "one", "principal": "root"}
        self.assertEqual(status("/v1/topics/mine/mallory/a?qos=1", {"Content-Type": "application/cloudevents+json"}, json.dumps(forged).encode()), 202)
        (position,) = self.own_words(reader)
        self.assertNotEqual(position, FORGED)

    def test_zeromq(self):
        reader, mallory = self.reader(), self.mallory("zeromq")
        forged = {"junctor-history": FORGED, "junctor-hops": "one", **dict(AS_ROOT)}
        self.assertTrue(mallory._operate(b"publish", "mine/mallory/a", b"x", qos=1, headers=forged))
        (position,) = self.own_words(reader)
        self.assertNotEqual(position, FORGED)
        self.assertFalse(mallory._operate(b"publish", "mine/root/a", b"x", headers=forged))

    def test_the_audit_log_and_the_admin_api_name_who_it_was(self):
        mallory = self.mallory("mqtt")
        mallory._wire.send(mqtt.publish(5, "mine/root/b", b"x", 1, 1, user_property=AS_ROOT))
        self.assertEqual(mallory._answer(mqtt.PUBACK).reason, 0x87)
        lines = [json.loads(line) for line in (self.gateway.folder / "audit.json").read_text().splitlines()]
        denied = [line for line in lines if line["message"] == "denied" and line.get("object") == "mine/root/b"]
        self.assertEqual([line["principal"] for line in denied], ["mallory"])


if __name__ == "__main__":
    unittest.main()
