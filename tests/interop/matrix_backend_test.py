"""Two gateways that a real Synapse joins: all ordered pairs of the four protocols, and what people in its rooms have to do with it."""
import contextlib
import pathlib
import subprocess
import tempfile
import unittest

from support.certificates import Certificates
from support.clients import CurlClient, PahoClient
from support.gateway import BINARY, Gateway
from support.joined import all_of_a_message_crosses, exchange_ordered_pairs, requests_are_answered, wait_for_backend
from support.message import Message
from support.metrics import total
from support.synapse import PACKET, Synapse, path
from support.wait import until

POLICY = ("policy: {authenticators: [{type: anonymous, from: loopback}], "
          "authorizers: [{type: acl, rules: [{name: clients, allow: [connect, publish, subscribe, receive, request, presence, admin]}]}]}\n")
ALARMS = '[{topic: plant/alarms, room: "#alarms:hs.localhost"}, {topic: plant/news}], alias_prefix: _j_'


PUPPETS = "puppets: {token: service_token}"


def backed(synapse, name, more="", **options):
    settings = synapse.settings(name, rooms=ALARMS) + (f", {more}" if more else "")
    return Gateway(config=f"{POLICY}name: {name}\nlimits: {{packet: {PACKET}}}\nbackend: {{{settings}}}\n", **options)


class MatrixBackend(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.synapse = cls.enterClassContext(Synapse("one", "two", "person"))
        cls.one = cls.enterClassContext(backed(cls.synapse, "one", cores=1))
        cls.two = cls.enterClassContext(backed(cls.synapse, "two", cores=2))
        wait_for_backend(cls.one, cls.two, seconds=120)

    def post(self, path, body=b"x"):
        return CurlClient(self.one.url()).call("POST", path, body)

    def test_ordered_pairs(self):
        exchange_ordered_pairs(self, self.one, self.two, (50, 64, 50), (2, 28 << 10, 2))

    def test_payloads_up_to_the_maximum_cross_and_larger_ones_are_refused(self):
        with PahoClient(self.two.ports["mqtt"]) as subscriber:
            subscriber.subscribe("large")
            largest = bytes(range(256)) * (PACKET // 256)
            self.assertLess(self.post("/v1/topics/large?qos=1", largest)[0], 300)
            self.assertEqual(subscriber.receive().payload, largest)
            self.assertEqual(self.post("/v1/topics/large?qos=1", largest + b"x")[0], 413)

    def test_what_it_does_not_keep_is_refused(self):
        self.assertEqual(self.post("/v1/topics/a?qos=2")[0], 501)
        with PahoClient(self.one.ports["mqtt"]) as client:
            self.assertGreaterEqual(client.subscribe("$share/group/a")[0], 0x80)

    def test_retained_values_are_state_of_the_rooms(self):
        """In the shared room and in a topic's own; who comes later gets them from the other gateway as well, until they are cleared."""
        for topic in ("kept/value", "plant/alarms"):
            with PahoClient(self.one.ports["mqtt"]) as publisher:
                for text in (b"older", b"latest"):
                    publisher.publish(Message(topic, text, "text/plain", [("k", "v")], qos=1, retain=True))
                self.expect_retained(topic, b"latest")
                publisher.publish(Message(topic, b"", qos=1, retain=True))
                self.expect_retained(topic, None)

    def expect_retained(self, topic, payload):
        for gateway in (self.one, self.two):
            with PahoClient(gateway.ports["mqtt"]) as client:
                client.subscribe(topic)
                client.publish(Message(topic, b"live", qos=1))
                if payload is not None:
                    got = client.receive()
                    self.assertEqual((got.payload, got.retain, got.content_type, got.headers), (payload, True, "text/plain", [("k", "v")]))
                got = client.receive()
                self.assertEqual((got.payload, got.retain), (b"live", False))

    def test_what_a_message_has_crosses(self):
        for topic in ("rich", "plant/alarms"):
            all_of_a_message_crosses(self, self.one, self.two, topic)

    def test_requests_are_answered_from_the_other_gateway(self):
        requests_are_answered(self, self.one, self.two)

    def test_people_read_and_write_in_the_room_of_a_topic(self):
        _, joined = self.synapse.call("person", "POST", path("join", "#alarms:hs.localhost"), {})
        room = joined["room_id"]
        _, since = self.synapse.call("person", "GET", "/sync?timeout=0")
        with PahoClient(self.one.ports["mqtt"]) as near, PahoClient(self.two.ports["mqtt"]) as far:
            for client in (near, far):
                client.subscribe("plant/#")
            self.synapse.call("person", "PUT", path("rooms", room, "send", "m.room.message", "t1"), {"msgtype": "m.text", "body": "who is there?"})
            self.assertEqual([client.receive().payload for client in (near, far)], [b"who is there?"] * 2)
            near.publish(Message("plant/alarms", b"a gateway", qos=1))
            self.assertEqual([client.receive().payload for client in (near, far)], [b"a gateway"] * 2)
        _, news = self.synapse.call("person", "GET", f"/sync?timeout=30000&since={since['next_batch']}")
        events = news["rooms"]["join"][room]["timeline"]["events"]
        self.assertEqual([(each["sender"], each["content"]["body"]) for each in events if each["type"] == "m.room.message"],
                         [("@junctor-person:hs.localhost", "who is there?"), ("@junctor-one:hs.localhost", "a gateway")])

    def test_a_topic_without_a_room_is_one_under_the_prefix(self):
        _, joined = self.synapse.call("person", "POST", path("join", "#_j_plant=2fnews:hs.localhost"), {})
        with PahoClient(self.one.ports["mqtt"]) as near, PahoClient(self.two.ports["mqtt"]) as far:
            far.subscribe("plant/#")
            near.publish(Message("plant/news", b"a gateway", qos=1))
            self.assertEqual(far.receive().payload, b"a gateway")
        _, page = self.synapse.call("person", "GET", path("rooms", joined["room_id"], "messages") + "?dir=b&limit=1")
        self.assertEqual(page["chunk"][0]["content"]["body"], "a gateway")

    def test_strangers_do_not_get_into_the_rooms(self):
        with Synapse("one", "stranger") as synapse:
            settings = synapse.settings("one", rooms=ALARMS).replace("@junctor-stranger:", "@nobody:")
            with Gateway(config=f"{POLICY}name: one\nlimits: {{packet: {PACKET}}}\nbackend: {{{settings}}}\n") as gateway:
                wait_for_backend(gateway, seconds=120)
                for room in ("#shared:hs.localhost", "#alarms:hs.localhost"):
                    self.assertEqual(synapse.call("stranger", "POST", path("join", room), {})[0], 403)

    def test_what_is_asked_of_the_homeserver_is_counted(self):
        for gateway in (self.one, self.two):
            self.assertGreater(total(gateway, "junctor_outbound_requests_total", origin=f"http://127.0.0.1:{self.synapse.port}"), 0)

    def test_the_token_stands_in_no_log(self):
        for name, gateway in (("one", self.one), ("two", self.two)):
            self.assertNotIn(self.synapse.tokens[name], gateway.log())


class Alone(unittest.TestCase):
    """With a homeserver of their own."""

    def test_bridges_share_what_the_rules_say(self):
        """Threat class 36: two gateways that bridge one homeserver both ways, and hear every message once."""
        with Synapse() as synapse, contextlib.ExitStack() as stack:
            rules = 'out: [{filter: "plant/#"}], in: [{filter: "plant/#"}]'
            gateways = [stack.enter_context(Gateway(config=f"name: {name}\nbridges: [{{name: rooms, {synapse.settings(name, rooms=ALARMS)}, {rules}}}]\n"))
                        for name in synapse.users]
            wait_for_backend(*gateways, seconds=120)
            clients = [stack.enter_context(PahoClient(gateway.ports["mqtt"])) for gateway in gateways]
            for client in clients:
                client.subscribe("#")
            for number in range(20):
                for at, client in enumerate(clients):
                    for topic in ("plant/alarms", "plant/other"):
                        client.publish(Message(topic, f"{topic} {at} {number}".encode(), qos=1))
            for client in clients:
                got = [client.receive().payload.decode() for _ in range(80)]
                self.assertEqual(sorted(got), sorted(f"{topic} {at} {number}" for topic in ("plant/alarms", "plant/other") for at in (0, 1) for number in range(20)))
            for client in clients:
                client.publish(Message("last", b"last", qos=1))
                self.assertEqual(client.receive().payload, b"last")

    def test_the_certificate_of_the_homeserver_must_be_of_an_authority_that_counts(self):
        certificates = Certificates()
        certificates.cert.rename(certificates.folder / "cert.pem")
        certificates.key.rename(certificates.folder / "key.pem")
        with Synapse("one", "two", certificates=certificates.folder) as synapse:
            url = f"https://localhost:{synapse.tls_port}"

            def gateway(name, more):
                return Gateway(config=f"{POLICY}name: {name}\nlimits: {{packet: {PACKET}}}\nbackend: {{{synapse.settings(name, url=url)}{more}}}\n")
            with gateway("one", f", ca: {certificates.ca}") as one, gateway("two", "") as two:
                wait_for_backend(one, seconds=120)
                status = CurlClient(one.url()).call("POST", "/v1/topics/over/tls?qos=1", b"x")[0]
                self.assertLess(status, 300)
                until(lambda: total(two, "junctor_outbound_failures_total", reason="untrusted") > 0, "the other one finds it untrusted", 120)
                self.assertEqual(CurlClient(two.url()).call("POST", "/v1/topics/over/tls?qos=1", b"x")[0], 503)

    def test_principals_are_users_of_the_homeserver_by_an_application_service(self):
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place)
            (folder / "one.yaml").write_text(f"limits: {{packet: {PACKET}}}\nbackend: {{type: matrix, url: \"http://127.0.0.1:1\", token: own, room: \"#shared:hs.localhost\", {PUPPETS}}}\n")
            subprocess.run([BINARY, "registration", "-c", folder / "one.yaml", folder / "service.yaml"], check=True, capture_output=True, timeout=60)
            self.assertEqual((folder / "service.yaml").stat().st_mode & 0o777, 0o600)
            with Synapse("one", "two", "person", services=[folder / "service.yaml"]) as synapse:
                self.puppets(synapse)

    def puppets(self, synapse):
        with backed(synapse, "one", more=PUPPETS) as one, backed(synapse, "two", more=PUPPETS) as two:
            wait_for_backend(one, two, seconds=120)
            _, joined = synapse.call("person", "POST", path("join", "#alarms:hs.localhost"), {})
            with PahoClient(one.ports["mqtt"]) as near, PahoClient(two.ports["mqtt"]) as far:
                for client in (near, far):
                    client.subscribe("plant/#")
                for client, text in ((near, "first"), (far, "second"), (near, "third")):
                    client.publish(Message("plant/alarms", text.encode(), qos=1))
                    self.assertEqual([each.receive().payload for each in (near, far)], [text.encode()] * 2)
            _, page = synapse.call("person", "GET", path("rooms", joined["room_id"], "messages") + "?dir=b&limit=50")
            written = [(each["sender"], each["content"]["body"]) for each in reversed(page["chunk"]) if each["type"] == "m.room.message"]
            self.assertEqual(written, [("@_junctor_anonymous:hs.localhost", text) for text in ("first", "second", "third")])
            _, profile = synapse.call("person", "GET", path("profile", "@_junctor_anonymous:hs.localhost"))
            self.assertEqual(profile["displayname"], "anonymous")
            self.assertNotIn("service_token", one.log() + two.log())

    def test_retained_values_outlive_the_gateways(self):
        with Synapse() as synapse:
            with backed(synapse, "one") as one, PahoClient(one.ports["mqtt"]) as publisher:
                wait_for_backend(one, seconds=120)
                for topic in ("kept/one", "kept/cleared", "plant/news"):
                    publisher.publish(Message(topic, topic.encode(), qos=1, retain=True))
                publisher.publish(Message("kept/cleared", b"", qos=1, retain=True))
            with backed(synapse, "two") as two, PahoClient(two.ports["mqtt"]) as client:
                wait_for_backend(two, seconds=120)
                for filter, topics in (("kept/#", ["kept/one"]), ("plant/+", ["plant/news"])):
                    client.subscribe(filter)
                    self.assertEqual([client.receive().payload.decode() for _ in topics], topics)
                client.publish(Message("kept/cleared", b"live", qos=1))
                self.assertEqual(client.receive().payload, b"live")

    def test_a_homeserver_that_lets_little_through_gets_it_all_in_time(self):
        with Synapse(limited=True) as synapse, backed(synapse, "one") as one, backed(synapse, "two") as two:
            wait_for_backend(one, two, seconds=120)
            with PahoClient(one.ports["mqtt"]) as publisher, PahoClient(two.ports["mqtt"]) as subscriber:
                subscriber.subscribe("many")
                for number in range(30):
                    publisher.publish(Message("many", str(number).encode(), qos=1))
                self.assertEqual([int(subscriber.receive().payload) for _ in range(30)], list(range(30)))


if __name__ == "__main__":
    unittest.main()
