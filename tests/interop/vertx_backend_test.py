"""Two gateways that the event bus of a real Vert.x application joins: all ordered pairs of the four protocols, and what the application
and its other clients have to do with it."""
import contextlib
import functools
import json
import os
import subprocess
import tempfile
import unittest

from support.certificates import Certificates
from support.clients import CurlClient, PahoClient
from support.gateway import BINARY, Gateway
from support.joined import POLICY, all_of_a_message_crosses, exchange_ordered_pairs, requests_are_answered, wait_for_backend
from support.message import Message
from support.requesters import REQUESTERS, RESPONDERS, CarelessMqttResponder, mqtt_request
from support.vertx import BridgeClient, VertxApplication
from support.wait import until

SCALE = 1 if os.environ.get("JUNCTOR_LONG") else 5
ADDRESSES = "[{topic: orders/new, address: orders.new}, {topic: echo, address: vx.echo}, {topic: fail, address: vx.fail}, " \
            "{topic: nobody, address: vx.nobody}, {topic: ask, address: vx.ask}, {topic: secret/x, address: secret.x}, {topic: jobs, how: send}]"


def backend(port, scheme="vertx", **more):
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    return f"{{type: vertx, url: \"{scheme}://127.0.0.1:{port}\", addresses: {ADDRESSES}{extra}}}"


def backed(port, name, scheme="vertx", settings={}, **more):
    return Gateway(config=f"{POLICY}name: {name}\nbackend: {backend(port, scheme, **settings)}\n", **more)


class VertxBackend(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.application = cls.enterClassContext(VertxApplication())
        cls.one = cls.enterClassContext(backed(cls.application.port, "one", cores=1))
        cls.two = cls.enterClassContext(backed(cls.application.port, "two", cores=2))
        wait_for_backend(cls.one, cls.two)

    def post(self, path, body=b"x", gateway=None):
        return CurlClient((gateway or self.one).url()).call("POST", path, body)

    def test_ordered_pairs(self):
        exchange_ordered_pairs(self, self.one, self.two, (1_000 // SCALE, 64, 500), (50 // SCALE, 64 << 10, 20), qos=0)

    def test_payloads_up_to_the_maximum_cross_and_larger_ones_are_refused(self):
        with PahoClient(self.two.ports["mqtt"]) as subscriber:
            subscriber.subscribe("large")
            largest = bytes(range(256)) * 4096 * 7  # 7 MiB, and what stands around it
            self.assertEqual(self.post("/v1/topics/large", largest)[0], 202)
            self.assertEqual(subscriber.receive().payload, largest)
            self.assertEqual(self.post("/v1/topics/large", bytes((8 << 20) + 1))[0], 413)

    def test_what_it_does_not_keep_is_refused(self):
        self.assertEqual(self.post("/v1/topics/a?qos=1")[0], 501)
        self.assertEqual(self.post("/v1/topics/a?retain=1")[0], 501)
        with PahoClient(self.one.ports["mqtt"]) as client:
            self.assertGreaterEqual(client.subscribe("$share/group/a")[0], 0x80)

    def test_promises_that_it_does_not_keep_are_refused_before_the_start(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write("backend: " + backend(7000, promises="[retained]") + "\n")
            file.flush()
            done = subprocess.run([BINARY, "check", file.name], capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("retained", done.stdout + done.stderr)

    def test_what_a_message_has_crosses(self):
        all_of_a_message_crosses(self, self.one, self.two, "rich")

    def test_clients_cannot_speak_as_gateways(self):
        """Threat class 19: what gateways tell each other by cannot be set from outside, and does not show."""
        with PahoClient(self.one.ports["mqtt"]) as publisher, PahoClient(self.two.ports["mqtt"]) as subscriber:
            subscriber.subscribe("orders/new")
            publisher.publish(Message("orders/new", b"x", headers=[("junctor-hops", "two"), ("junctor-origin", "1"), ("timeout", "1"), ("own", "y")]))
            self.assertCountEqual(subscriber.receive().headers, [("timeout", "1"), ("own", "y")])

    def test_requests_are_answered_from_the_other_gateway(self):
        responders = {**RESPONDERS, "mqtt": lambda gateway: CarelessMqttResponder(gateway.ports["mqtt"])}
        requesters = {**REQUESTERS, "mqtt": functools.partial(mqtt_request, qos=0)}
        requests_are_answered(self, self.one, self.two, requesters, responders)

    def test_applications_are_heard_and_hear(self):
        with BridgeClient(self.application.port) as stranger, PahoClient(self.one.ports["mqtt"]) as client:
            stranger.register("orders.new")
            client.subscribe("orders/+")
            client.publish(Message("orders/new", b'{"n":1}', headers=[("k", "v")]))
            got = stranger.receive()
            self.assertEqual((got["type"], got["address"], got["body"], got["headers"]["k"]), ("message", "orders.new", {"n": 1}, "v"))
            self.assertEqual(client.receive().payload, b'{"n":1}')
            stranger.send("publish", address="orders.new", body="text", headers={"unit": "C"})
            got = client.receive()
            self.assertEqual((got.topic, got.payload, got.headers), ("orders/new", b"text", [("unit", "C")]))

    def test_a_send_goes_to_one_by_turns(self):
        with contextlib.ExitStack() as stack:
            workers = [stack.enter_context(BridgeClient(self.application.port)) for _ in range(2)]
            for worker in workers:
                worker.register("jobs")
            for number in range(4):
                self.assertEqual(self.post("/v1/topics/jobs", str(number).encode())[0], 202)
            got = [[worker.receive()["body"] for _ in range(2)] for worker in workers]
            self.assertEqual(sorted(got), [["0", "2"], ["1", "3"]])

    def test_applications_answer_requests(self):
        status, headers, body = self.post("/v1/requests/echo", b'{"x":1}')
        self.assertEqual((status, json.loads(body)), (200, {"x": 1}))
        status, _, body = self.post("/v1/requests/fail")
        self.assertEqual((status, body), (200, b"no"))
        self.assertEqual(self.post("/v1/requests/nobody")[0], 404)

    def test_applications_ask_and_are_answered(self):
        """The application asks at orders.new, where an MQTT client of the other gateway answers; and hands the answer on."""
        with CarelessMqttResponder(self.two.ports["mqtt"]) as responder:
            responder.subscribe("orders/new")
            with BridgeClient(self.application.port) as stranger:
                stranger.send("send", address="vx.ask", replyAddress="r", body="question", headers={"to": "orders.new"})
                request = responder.receive()
                self.assertEqual(request.payload, b"question")
                responder.answer(request, b"answer")
                got = stranger.receive()
                self.assertEqual((got["type"], got["address"], got["body"]), ("message", "r", "answer"))

    def test_what_the_bridge_refuses_is_denied(self):
        """Threat class 37: no address comes to be by asking for it."""
        self.assertEqual(self.post("/v1/topics/secret/x")[0], 403)
        with PahoClient(self.one.ports["mqtt"]) as client:
            self.assertGreaterEqual(client.subscribe("secret/x")[0], 0x80)
            self.assertLess(client.subscribe("orders/new")[0], 0x80)

    def test_the_same_name_elsewhere_takes_the_session_over(self):
        older = PahoClient(self.one.ports["mqtt"], client_id="moving")
        gone = []
        older.client.on_disconnect = lambda *arguments: gone.append(arguments)
        with PahoClient(self.two.ports["mqtt"], client_id="moving"):
            until(lambda: gone, "the older session is closed")
            older.client.loop_stop()


class Elsewhere(unittest.TestCase):
    def test_tls_is_verified(self):
        certificates = Certificates()
        self.addCleanup(certificates.remove)
        stranger = Certificates()
        self.addCleanup(stranger.remove)
        with VertxApplication(certificates.cert, certificates.key) as application:
            with backed(application.port, "one", "vertxs", {"ca": f'"{certificates.ca}"'}) as gateway:
                wait_for_backend(gateway)
                self.assertEqual(CurlClient(gateway.url()).call("POST", "/v1/requests/echo", b"x")[0], 200)
            with backed(application.port, "one", "vertxs", {"ca": f'"{stranger.ca}"'}) as gateway:
                self.assertEqual(CurlClient(gateway.url()).call("POST", "/v1/topics/a", b"x")[0], 503)
                self.assertTrue(gateway.admin("/healthz").startswith("degraded"))

    def test_bridges_share_what_the_rules_say(self):
        """Threat class 36: two gateways that bridge one bus both ways, and hear every message once."""
        with VertxApplication() as application, contextlib.ExitStack() as stack:
            rules = 'out: [{filter: "orders/#"}], in: [{filter: "orders/#"}]'
            bridge = "bridges: [{name: bus, " + backend(application.port)[1:-1] + ", " + rules + "}]"
            gateways = [stack.enter_context(Gateway(config=f"name: {name}\n{bridge}\n")) for name in ("one", "two")]
            wait_for_backend(*gateways)
            clients = [stack.enter_context(PahoClient(gateway.ports["mqtt"])) for gateway in gateways]
            stranger = stack.enter_context(BridgeClient(application.port))
            stranger.register("orders.new")
            for client in clients:
                client.subscribe("#")
            for number in range(20):
                for at, client in enumerate(clients):
                    client.publish(Message("orders/new", f"new {at} {number}".encode()))
                    client.publish(Message("orders/other", f"other {at} {number}".encode()))
            for client in clients:
                got = [client.receive().payload.decode() for _ in range(80)]
                self.assertEqual(sorted(got), sorted(f"{kind} {at} {number}" for kind in ("new", "other") for at in (0, 1) for number in range(20)))
            heard = [stranger.receive()["body"] for _ in range(40)]
            self.assertEqual(len(set(heard)), 40)
            for client in clients:
                client.publish(Message("last", b"last"))
                self.assertEqual(client.receive().payload, b"last")


if __name__ == "__main__":
    unittest.main()
