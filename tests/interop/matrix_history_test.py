"""Histories of gateways that a real Synapse joins: what the rooms hold, read back by `/messages`, and what came while a gateway was away."""
import json
import unittest
import urllib.parse

from support.clients import CurlClient, PahoClient
from support.gateway import Gateway
from support.joined import wait_for_backend
from support.message import Message
from support.synapse import PACKET, Synapse, path
from support.wait import until

POLICY = ("policy: {authenticators: [{type: anonymous, from: loopback}], "
          "authorizers: [{type: acl, rules: [{name: clients, allow: [connect, publish, subscribe, receive, history]}]}]}\n")
ROOMS = '[{topic: plant/alarms, room: "#alarms:hs.localhost"}]'
HISTORY = 'history: [{filter: "kept/#", messages: 10000}, {filter: "plant/#"}]\n'
SECONDS = 120


def backed(synapse, name, history=HISTORY, **options):
    return Gateway(config=f"{POLICY}{history}name: {name}\nlimits: {{packet: {PACKET}}}\nbackend: {{{synapse.settings(name, rooms=ROOMS)}}}\n", **options)


def read(gateway, topics, query=""):
    """Status and answer of one page."""
    status, _, body = CurlClient(gateway.url()).call("GET", f"/v1/history/{urllib.parse.quote(topics, safe='')}?limit=1000{query}")
    return status, json.loads(body)


def texts(page):
    return [each["data"] for each in page["messages"]]


class MatrixHistory(unittest.TestCase):
    def setUp(self):
        self.synapse = self.enterContext(Synapse("one", "two", "person"))

    def publish(self, gateway, topic, numbers):
        with PahoClient(gateway.ports["mqtt"]) as publisher:
            for number in numbers:
                publisher.publish(Message(topic, str(number).encode(), qos=1))

    def say(self, number):
        _, joined = self.synapse.call("person", "POST", path("join", "#alarms:hs.localhost"), {})
        self.synapse.call("person", "PUT", path("rooms", joined["room_id"], "send", "m.room.message", f"t{number}"), {"msgtype": "m.text", "body": f"person {number}"})

    def becomes(self, gateway, topics, expected):
        """The homeserver takes its time to bring what it has taken."""
        until(lambda: len(read(gateway, topics)[1].get("messages", ())) >= len(expected), "all of it is there", SECONDS)
        status, page = read(gateway, topics)
        self.assertEqual((status, texts(page)), (200, expected))
        return page

    def all_is_behind(self, gateway):
        """Where the gateway would go on by now nothing more comes."""
        user = "@junctor-two:hs.localhost"
        status, kept = self.synapse.call("two", "GET", path("user", user, "account_data", "junctor.position.two"))
        if status != 200:
            return False
        _, news = self.synapse.call("two", "GET", f"/sync?timeout=0&since={urllib.parse.quote(kept['position'])}")
        return not any(room["timeline"]["events"] for room in news.get("rooms", {}).get("join", {}).values())

    def test_a_newcomer_has_what_was_sent_before_it(self):
        with backed(self.synapse, "one", history="") as one:
            wait_for_backend(one, seconds=SECONDS)
            self.publish(one, "kept/many", range(130))
            self.publish(one, "other", ["not kept"])
            with PahoClient(one.ports["mqtt"]) as publisher:
                publisher.publish(Message("kept/value", b"value", "text/plain", [("k", "v")], qos=1, retain=True))
            self.publish(one, "plant/alarms", ["gateway 1"])
            self.say(2)
            with backed(self.synapse, "two") as two:
                wait_for_backend(two, seconds=SECONDS)
                self.assertEqual(texts(read(two, "kept/#")[1]), [str(number) for number in range(130)] + ["value"])
                value = read(two, "kept/value")[1]["messages"][0]
                self.assertEqual((value["content_type"], value["headers"]), ("text/plain", {"k": "v"}))
                self.assertEqual(texts(read(two, "plant/alarms")[1]), ["gateway 1", "person 2"])
                self.assertEqual(read(two, "other")[0], 404)
                self.publish(one, "kept/many", [130])
                self.becomes(two, "kept/many", [str(number) for number in range(131)])

    def test_a_gateway_that_was_away_misses_nothing_and_keeps_its_positions(self):
        with backed(self.synapse, "two", store="fsync") as two, backed(self.synapse, "one") as one:
            wait_for_backend(one, two, seconds=SECONDS)
            self.publish(one, "kept/x", range(10))
            page = self.becomes(two, "kept/x", [str(number) for number in range(10)])
            self.say(1)
            self.becomes(two, "plant/alarms", ["person 1"])
            until(lambda: self.all_is_behind(two), "the homeserver has the gateway's position", SECONDS)
            self.assertEqual(two.stop(), 0)
            self.publish(one, "kept/x", range(10, 240))
            self.say(2)
            two.start_again()
            two.wait_ready()
            wait_for_backend(two, seconds=SECONDS)
            self.becomes(two, "plant/alarms", ["person 1", "person 2"])
            self.becomes(two, "kept/x", [str(number) for number in range(240)])
            status, missed = read(two, "kept/x", f"&epoch={page['epoch']}&from={page['next']}")
            self.assertEqual((status, texts(missed)), (200, [str(number) for number in range(10, 240)]))

    def test_a_gateway_without_a_store_reads_its_history_anew(self):
        with backed(self.synapse, "one") as one:
            wait_for_backend(one, seconds=SECONDS)
            self.publish(one, "kept/x", range(5))
            page = self.becomes(one, "kept/x", [str(number) for number in range(5)])
            one.kill()
            one.start_again()
            one.wait_ready()
            wait_for_backend(one, seconds=SECONDS)
            self.publish(one, "kept/x", range(5, 7))
            self.becomes(one, "kept/x", [str(number) for number in range(7)])
            self.assertEqual(read(one, "kept/x", f"&epoch={page['epoch']}&from=2")[0], 410)


if __name__ == "__main__":
    unittest.main()
