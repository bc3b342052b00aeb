"""Threat class 37: nothing comes to be on a homeserver because a client asks for it, and whoever is out of a room is out of its topic."""
import unittest

from support.clients import CurlClient, PahoClient
from support.gateway import Gateway
from support.joined import POLICY, wait_for_backend
from support.message import Message
from support.synapse import PACKET, Synapse, path
from support.wait import until

ROOMS = '[{topic: plant/alarms, room: "#alarms:hs.localhost"}], alias_prefix: _j_'
WISHES = ["made/up", "plant/new", "_j_new", "!room:hs.localhost", "@somebody:hs.localhost"]


class SideEffects(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.synapse = cls.enterClassContext(Synapse("one", "two", "person"))
        cls.one, cls.two = [cls.enterClassContext(cls.backed(name)) for name in ("one", "two")]
        wait_for_backend(cls.one, cls.two, seconds=120)

    @classmethod
    def backed(cls, name):
        settings = cls.synapse.settings(name, rooms=ROOMS)
        return Gateway(config=f"{POLICY}name: {name}\nlimits: {{packet: {PACKET}}}\nbackend: {{{settings}}}\n")

    def call(self, user, method, where, body=None):
        status, answer = self.synapse.call(user, method, where, body)
        self.assertEqual(status, 200, answer)
        return answer

    def rooms_of(self, user):
        return sorted(self.call(user, "GET", "/joined_rooms")["joined_rooms"])

    def test_clients_make_neither_rooms_nor_aliases_nor_users(self):
        before = {user: self.rooms_of(user) for user in ("one", "two")}
        with PahoClient(self.one.ports["mqtt"]) as near, PahoClient(self.two.ports["mqtt"]) as far:
            for topic in WISHES:
                self.assertLess(far.subscribe(topic)[0], 0x80)
                near.publish(Message(topic, b"mqtt", qos=1))
                self.assertEqual(far.receive().payload, b"mqtt")
                self.assertLess(CurlClient(self.one.url()).call("POST", f"/v1/topics/{topic}/rest?qos=1", b"rest")[0], 300)
        self.assertEqual({user: self.rooms_of(user) for user in ("one", "two")}, before)
        for topic in WISHES:
            alias = f"#{topic.split(':')[0]}:hs.localhost"
            self.assertEqual(self.synapse.call("person", "GET", path("directory", "room", alias))[0], 404, alias)
        self.assertEqual(self.synapse.call("person", "GET", path("profile", "@somebody:hs.localhost"))[0], 404)

    def test_who_leaves_the_room_of_a_topic_neither_reads_nor_writes_there(self):
        room = self.call("person", "POST", path("join", "#alarms:hs.localhost"), {})["room_id"]
        with PahoClient(self.one.ports["mqtt"]) as client:
            client.subscribe("plant/alarms")
            say = path("rooms", room, "send", "m.room.message")
            self.call("person", "PUT", say + "/1", {"msgtype": "m.text", "body": "in"})
            self.assertEqual(client.receive().payload, b"in")
            self.call("person", "POST", path("rooms", room, "leave"), {})
            self.assertEqual(self.synapse.call("person", "PUT", say + "/2", {"msgtype": "m.text", "body": "out"})[0], 403)
            client.publish(Message("plant/alarms", b"secret", qos=1))
            self.assertEqual(client.receive().payload, b"secret")
        self.assertEqual(self.synapse.call("person", "GET", path("rooms", room, "event", self.last_event(room)))[0], 404)

    def last_event(self, room):
        return self.call("one", "GET", path("rooms", room, "messages") + "?dir=b&limit=1")["chunk"][0]["event_id"]

    def test_a_gateway_that_is_put_out_of_a_room_says_so_to_publishers(self):
        room = self.call("one", "GET", path("directory", "room", "#alarms:hs.localhost"))["room_id"]
        maker = "one" if self.synapse.call("one", "POST", path("rooms", room, "kick"), {"user_id": "@junctor-two:hs.localhost"})[0] == 200 else "two"
        out = {"one": self.two, "two": self.one}[maker]
        if maker == "two":
            self.call("two", "POST", path("rooms", room, "kick"), {"user_id": "@junctor-one:hs.localhost"})
        client = CurlClient(out.url())
        until(lambda: client.call("POST", "/v1/topics/plant/alarms?qos=1", b"x")[0] >= 400, "a publish is refused")
        self.assertLess(client.call("POST", "/v1/topics/elsewhere?qos=1", b"x")[0], 300)


if __name__ == "__main__":
    unittest.main()
