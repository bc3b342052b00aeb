"""Gateways that a real Synapse pushes to, each as an application service of its own, with one namespace of aliases."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest
import unittest.mock
import urllib.error
import urllib.request

from support.certificates import Certificates
from support.clients import CurlClient, PahoClient
from support.gateway import BINARY, Gateway, free_ports
from support.joined import all_of_a_message_crosses, exchange_ordered_pairs, requests_are_answered, wait_for_backend
from support.message import Message
from support.metrics import total
from support.mqtt_client import Client
from support.pushing import Withholding
from support.synapse import PACKET, Synapse, path
from support.wait import until

POLICY = ("policy: {authenticators: [{type: anonymous, from: loopback}], "
          "authorizers: [{type: acl, rules: [{name: clients, allow: [connect, publish, subscribe, receive, request, presence, history, admin]}]}]}\n")
NAMES = ("one", "two")
ROOMS = '[{topic: plant/alarms, room: "#alarms:hs.localhost"}, {topic: plant/news}], alias_prefix: _j_'
SECONDS = 120


class Place:
    """A homeserver, a person there, and how the gateways are its application services; with `certificates` it calls them by TLS, and each
    name in `between` through that. Use as a context."""

    def __init__(self, certificates=None, between=None):
        self._certificates = certificates
        self._between = between or {}

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self._folder.name)
        self.doors = dict(zip(NAMES, free_ports(len(NAMES))))
        for name, each in self._between.items():
            each.target = self.doors[name]
        services = []
        for name in NAMES:
            (self.folder / f"{name}.yaml").write_text(self.config(name, 1))
            services.append(self.folder / f"{name}.service.yaml")
            subprocess.run([BINARY, "registration", "-c", self.folder / f"{name}.yaml", services[-1]], check=True, capture_output=True, timeout=60)
        trusted = {"SSL_CERT_FILE": str(self._certificates.ca)} if self._certificates else {}
        with unittest.mock.patch.dict(os.environ, trusted):
            self.synapse = Synapse("person", services=services).__enter__()
        return self

    def __exit__(self, *error):
        self.synapse.__exit__(*error)
        self._folder.cleanup()

    def config(self, name, port):
        members = json.dumps([f"@gw-{each}:hs.localhost" for each in NAMES if each != name] + ["@junctor-person:hs.localhost"])
        tls = f", url: \"https://localhost:{self.doors[name]}\", tls: {{{self._certificates.settings}}}" if self._certificates else ""
        if name in self._between:
            tls = f", url: \"{self._between[name].url}\""
        listen = f"listen: {{address: \"127.0.0.1:{self.doors[name]}\", hs_token: hs_token_{name}, user: gw-{name}{tls}}}"
        return f"{POLICY}name: {name}\nlimits: {{packet: {PACKET}}}\nbackend: {{type: matrix, url: \"http://127.0.0.1:{port}\", token: as_token_{name}, " \
               f"room: \"#shared:hs.localhost\", members: {members}, rooms: {ROOMS}, {listen}}}\n"

    def gateway(self, name, more="", **options):
        return Gateway(config=self.config(name, self.synapse.port) + more, **options)

    def push(self, name, number, events=(), token=None):
        """As the homeserver does; the status."""
        return self.call(name, "PUT", f"/transactions/{number}", {"events": list(events)}, token)

    def call(self, name, method, path, body=None, token=None, query=""):
        request = urllib.request.Request(f"http://127.0.0.1:{self.doors[name]}/_matrix/app/v1{path}{query}", None if body is None else json.dumps(body).encode(),
                                         {"Content-Type": "application/json"}, method=method)
        if token != "":
            request.add_header("Authorization", f"Bearer {token or f'hs_token_{name}'}")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def pushed(self, gateway):
        return total(gateway, "junctor_matrix_requests_total", status="200")


class Joined(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = cls.enterClassContext(Place())
        cls.one = cls.enterClassContext(cls.place.gateway("one", cores=1))
        cls.two = cls.enterClassContext(cls.place.gateway("two", cores=2))
        wait_for_backend(cls.one, cls.two, seconds=SECONDS)

    def test_two_gateways_with_one_namespace_are_one(self):
        exchange_ordered_pairs(self, self.one, self.two, (20, 64, 20))
        for topic in ("rich", "plant/alarms", "plant/news"):
            all_of_a_message_crosses(self, self.one, self.two, topic)
            all_of_a_message_crosses(self, self.two, self.one, topic)
        for gateway in (self.one, self.two):
            self.assertGreater(self.place.pushed(gateway), 0)

    def test_requests_are_answered_from_the_other_gateway(self):
        requests_are_answered(self, self.one, self.two)

    def test_retained_values_are_pushed_as_well(self):
        with PahoClient(self.one.ports["mqtt"]) as publisher:
            for topic in ("kept/value", "plant/alarms"):
                publisher.publish(Message(topic, b"stands", qos=1, retain=True))
                for gateway in (self.one, self.two):
                    with PahoClient(gateway.ports["mqtt"]) as client:
                        client.subscribe(topic)
                        got = client.receive()
                        self.assertEqual((got.payload, got.retain), (b"stands", True))
                publisher.publish(Message(topic, b"", qos=1, retain=True))

    def test_nothing_is_asked_of_the_homeserver_that_it_pushes(self):
        """A sync is a long request: none is ever under way, and what came has come by transactions."""
        with PahoClient(self.two.ports["mqtt"]) as subscriber, PahoClient(self.one.ports["mqtt"]) as publisher:
            subscriber.subscribe("by/push")
            before = self.place.pushed(self.two)
            publisher.publish(Message("by/push", b"x", qos=1))
            self.assertEqual(subscriber.receive().payload, b"x")
            until(lambda: self.place.pushed(self.two) > before, "the transaction is answered")

    def test_people_read_and_write_in_the_room_of_a_topic(self):
        _, joined = self.place.synapse.call("person", "POST", path("join", "#alarms:hs.localhost"), {})
        with PahoClient(self.one.ports["mqtt"]) as near, PahoClient(self.two.ports["mqtt"]) as far:
            for client in (near, far):
                client.subscribe("plant/alarms")
            self.place.synapse.call("person", "PUT", path("rooms", joined["room_id"], "send", "m.room.message", "t1"), {"msgtype": "m.text", "body": "hello?"})
            self.assertEqual([client.receive().payload for client in (near, far)], [b"hello?"] * 2)
            near.publish(Message("plant/alarms", b"a gateway", qos=1))
            self.assertEqual([client.receive().payload for client in (near, far)], [b"a gateway"] * 2)
        _, page = self.place.synapse.call("person", "GET", path("rooms", joined["room_id"], "messages") + "?dir=b&limit=1")
        self.assertEqual((page["chunk"][0]["sender"], page["chunk"][0]["content"]["body"]), ("@gw-one:hs.localhost", "a gateway"))

    def test_only_the_homeserver_gets_in(self):
        event = {"event_id": "$forged", "room_id": "!any:hs.localhost", "sender": "@x:hs.localhost", "type": "junctor.messages", "content": {"messages": []}}
        self.assertEqual(self.place.push("one", "forged", [event], token=""), 401)
        self.assertEqual(self.place.push("one", "forged", [event], token="hs_token_two"), 403)
        self.assertEqual(self.place.push("one", "forged", [event], token="as_token_one"), 403)
        for method, where, body in (("GET", "/users/%40gw-one%3Ahs.localhost", None), ("GET", "/rooms/%23shared%3Ahs.localhost", None), ("POST", "/ping", {})):
            self.assertEqual(self.place.call("one", method, where, body, token="wrong"), 403, where)
            self.assertEqual(self.place.call("one", method, where, body), 200, where)
        self.assertEqual(self.place.call("one", "POST", "/ping", {}, token="", query="?access_token=hs_token_one"), 401)
        self.assertEqual(self.place.push("one", "large", [dict(event, content={"messages": [], "x": "x" * (17 << 20)})]), 413)
        for gateway, name in ((self.one, "one"), (self.two, "two")):
            self.assertNotIn(f"_token_{name}", gateway.log())

    def test_threat_37_somebody_who_asks_for_a_room_makes_none(self):
        """Under the prefix of the gateways' aliases the homeserver asks them; what they do not know is not made."""
        for _ in range(2):
            status, answer = self.place.synapse.call("person", "POST", path("join", "#_j_nothing:hs.localhost"), {})
            self.assertEqual((status, answer["errcode"]), (404, "M_NOT_FOUND"))
        with PahoClient(self.one.ports["mqtt"]) as client:
            client.subscribe("nothing")
            client.publish(Message("nothing", b"x", qos=1))
            self.assertEqual(client.receive().payload, b"x")
        self.assertEqual(self.place.synapse.call("person", "GET", path("directory", "room", "#_j_nothing:hs.localhost"))[0], 404)


class OverTls(unittest.TestCase):
    def test_the_homeserver_calls_by_tls_and_verifies_the_gateway(self):
        certificates = Certificates()
        self.addCleanup(certificates.remove)
        with Place(certificates) as place, place.gateway("one") as one, PahoClient(one.ports["mqtt"]) as client:
            wait_for_backend(one, seconds=SECONDS)
            client.subscribe("by/push")
            client.publish(Message("by/push", b"x", qos=1))
            self.assertEqual(client.receive().payload, b"x")


class Restarted(unittest.TestCase):
    def setUp(self):
        self.place = self.enterContext(Place())

    def durable(self, gateway, client_id="kept", topic="kept"):
        client = self.enterContext(Client(gateway.ports["mqtt"], wait_seconds=60))
        present = client.connect(client_id, clean=False, session_expiry=600).session_present
        if not present:
            client.subscribe((topic, 1))
        return client

    def expect(self, client, expected, doubled=False):
        """Every one of them, in order; `doubled`: one that was answered by nobody may come again."""
        got = []
        while len(set(got)) < len(expected):
            payload = client.receive().payload
            if not (doubled and payload in got):
                got.append(payload)
        self.assertEqual(got, expected)

    def test_a_gateway_that_was_away_gets_what_came_meanwhile_once(self):
        with self.place.gateway("one", store="fsync") as one, self.place.gateway("two") as two:
            wait_for_backend(one, two, seconds=SECONDS)
            self.durable(one).cut()
            with PahoClient(two.ports["mqtt"]) as publisher:
                texts = [str(number).encode() for number in range(40)]
                for text in texts[:10]:
                    publisher.publish(Message("kept", text, qos=1))
                self.assertEqual(one.stop(), 0)
                for text in texts[10:30]:
                    publisher.publish(Message("kept", text, qos=1))
                one.start_again()
                one.wait_ready()
                for text in texts[30:]:
                    publisher.publish(Message("kept", text, qos=1))
            wait_for_backend(one, seconds=SECONDS)
            client = self.durable(one)
            self.expect(client, texts)
            client.expect_nothing()

    def test_a_gateway_that_dies_loses_nothing(self):
        with self.place.gateway("one", store="fsync") as one, self.place.gateway("two") as two:
            wait_for_backend(one, two, seconds=SECONDS)
            self.durable(one).cut()
            with PahoClient(two.ports["mqtt"]) as publisher:
                texts = [str(number).encode() for number in range(30)]
                for at, text in enumerate(texts):
                    if at == 15:
                        one.kill()
                    publisher.publish(Message("kept", text, qos=1))
                one.start_again()
                one.wait_ready()
            wait_for_backend(one, seconds=SECONDS)
            self.expect(self.durable(one), texts, doubled=True)

    def test_a_transaction_that_comes_again_delivers_nothing_twice(self):
        with self.place.gateway("one", store="fsync") as one:
            wait_for_backend(one, seconds=SECONDS)
            room = self.shared_room()
            event = {"event_id": "$e", "room_id": room, "sender": "@gw-two:hs.localhost", "type": "junctor.messages",
                     "content": {"messages": [{"hops": "two", "topic": "kept", "qos": 1, "data": "once"}]}}
            client = self.durable(one)
            for _ in range(2):
                self.assertEqual(self.place.push("one", "repeated", [event]), 200)
            client.receive(payload=b"once")
            client.expect_nothing()
            client.cut()
            self.assertEqual(one.stop(), 0)
            one.start_again()
            one.wait_ready()
            wait_for_backend(one, seconds=SECONDS)
            client = self.durable(one)
            self.assertEqual(self.place.push("one", "repeated", [event]), 200)
            self.assertEqual(self.place.push("one", "another", [event]), 200)
            client.receive(payload=b"once")
            client.expect_nothing()

    def shared_room(self):
        request = urllib.request.Request(f"http://127.0.0.1:{self.place.synapse.port}/_matrix/client/v3{path('directory', 'room', '#shared:hs.localhost')}")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["room_id"]

    def test_histories_begin_with_what_the_rooms_hold(self):
        """Of what is pushed as well, since nobody has taken it before, there is one of each."""
        history = 'history: [{filter: "kept/#"}, {filter: plant/alarms}]\n'
        with self.place.gateway("two") as two:
            wait_for_backend(two, seconds=SECONDS)
            with PahoClient(two.ports["mqtt"]) as publisher:
                for topic in ("kept/x", "plant/alarms"):
                    for number in range(120):
                        publisher.publish(Message(topic, str(number).encode(), qos=1))
            for store in (None, "fsync"):
                with self.place.gateway("one", history, store=store) as one:
                    wait_for_backend(one, seconds=SECONDS)
                    for topic in ("kept%2Fx", "plant%2Falarms"):
                        self.assertEqual(self.history(one, topic), [str(number) for number in range(120)])
                    with PahoClient(two.ports["mqtt"]) as publisher, PahoClient(one.ports["mqtt"]) as subscriber:
                        subscriber.subscribe("kept/y")
                        publisher.publish(Message("kept/y", b"live", qos=1))
                        self.assertEqual(subscriber.receive().payload, b"live")
                    self.assertEqual(self.history(one, "kept%2Fx"), [str(number) for number in range(120)])

    def history(self, gateway, topic):
        _, _, body = CurlClient(gateway.url()).call("GET", f"/v1/history/{topic}?limit=1000")
        return [each["data"] for each in json.loads(body)["messages"]]

    def test_a_homeserver_that_starts_again_goes_on(self):
        with self.place.gateway("one", store="fsync") as one, self.place.gateway("two") as two:
            wait_for_backend(one, two, seconds=SECONDS)
            client = self.durable(one)
            with PahoClient(two.ports["mqtt"]) as publisher:
                publisher.publish(Message("kept", b"before", qos=1))
                self.expect(client, [b"before"])
                self.place.synapse.restart()
                texts = [str(number).encode() for number in range(5)]
                for text in texts:
                    self.publish_until_taken(two, text)
                self.expect(client, texts)
                client.expect_nothing()

    def publish_until_taken(self, gateway, text):
        """A publisher of version 5 hears whether the backend has it."""
        with Client(gateway.ports["mqtt"], wait_seconds=60) as publisher:
            publisher.connect()
            until(lambda: publisher.publish("kept", text, 1) < 0x80, "the homeserver is back", SECONDS)


class LeftOut(unittest.TestCase):
    """A homeserver may leave a transaction out until later, and push what comes after it."""

    @classmethod
    def setUpClass(cls):
        cls.between = cls.enterClassContext(Withholding())
        cls.place = cls.enterClassContext(Place(between={"one": cls.between}))
        cls.one = cls.enterClassContext(cls.place.gateway("one", store="fsync"))
        cls.two = cls.enterClassContext(cls.place.gateway("two"))
        wait_for_backend(cls.one, cls.two, seconds=SECONDS)

    def setUp(self):
        self.join()

    def join(self):
        self.subscriber = self.enterContext(PahoClient(self.one.ports["mqtt"]))
        self.publisher = self.enterContext(PahoClient(self.two.ports["mqtt"]))

    def publish(self, topic, *texts, retain=False):
        for text in texts:
            self.publisher.publish(Message(topic, text, qos=1, retain=retain))

    def withhold(self, topic, *texts, retain=False):
        """Each in a transaction of its own, so that nothing else is left out with it."""
        for text in texts:
            before = len(self.between.kept)
            self.between.withheld.append(text)
            self.publish(topic, text, retain=retain)
            until(lambda: len(self.between.kept) > before, f"{text} is left out", SECONDS)

    def receive(self, *texts):
        self.assertEqual([self.subscriber.receive(60).payload for _ in texts], list(texts))

    def test_what_was_left_out_comes_before_what_follows(self):
        for topic, retain in (("left/out", False), ("plant/alarms", False), ("kept/values", True)):
            with self.subTest(topic):
                self.subscriber.subscribe(topic)
                self.publish(topic, b"first", retain=retain)
                self.receive(b"first")
                before = total(self.one, "junctor_matrix_left_out_total")
                self.withhold(topic, b"left out 1", b"left out 2", retain=retain)
                self.publish(topic, b"after it", retain=retain)
                self.receive(b"left out 1", b"left out 2", b"after it")
                self.assertEqual(total(self.one, "junctor_matrix_left_out_total") - before, 2)
                self.assertEqual(set(self.between.let_go()), {200})
                self.publish(topic, b"last", retain=retain)
                self.receive(b"last")

    def test_the_first_message_of_a_gateway_as_well(self):
        self.assertEqual(self.two.stop(), 0)
        self.two.start_again()
        self.two.wait_ready()
        wait_for_backend(self.two, seconds=SECONDS)
        self.join()
        self.subscriber.subscribe("first/out")
        self.withhold("first/out", b"the very first")
        self.publish("first/out", b"after it")
        self.receive(b"the very first", b"after it")

    def test_after_a_restart_nothing_comes_twice(self):
        with Client(self.one.ports["mqtt"], wait_seconds=60) as client:
            client.connect("kept", clean=False, session_expiry=600)
            client.subscribe(("kept/out", 1))
        self.withhold("kept/out", b"left out")
        self.publish("kept/out", b"after it")
        until(lambda: total(self.one, "junctor_kept_messages") == 2, "both are kept", SECONDS)
        self.assertEqual(self.one.stop(), 0)
        self.one.start_again()
        self.one.wait_ready()
        wait_for_backend(self.one, seconds=SECONDS)
        self.assertEqual(self.between.let_go(), [200])
        self.publish("kept/out", b"last")
        with Client(self.one.ports["mqtt"], wait_seconds=60) as client:
            client.connect("kept", clean=False, session_expiry=600)
            self.assertEqual([client.receive().payload for _ in range(3)], [b"left out", b"after it", b"last"])
            client.expect_nothing()

    def test_a_last_one_comes_by_itself(self):
        self.subscriber.subscribe("last/out")
        self.subscriber.subscribe("plant/news")
        self.withhold("last/out", b"the last one")
        self.withhold("plant/news", b"the last text")
        self.receive(b"the last one", b"the last text")
        self.assertEqual(self.between.let_go(), [200, 200])
        self.publish("last/out", b"really the last")
        self.receive(b"really the last")


if __name__ == "__main__":
    unittest.main()
