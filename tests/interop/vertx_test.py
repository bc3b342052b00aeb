"""Vert.x's own clients, unchanged, against the gateway: @vertx/eventbus-bridge-client.js over SockJS, the node client of the TCP bridge, the
frames of Java clients over TCP and a WebSocket, and frames as they are. The same frames go to a real Vert.x application, which answers alike."""
import json
import subprocess
import unittest
import urllib.request

from support import raw
from support.accounts import gateway_with_users
from support.clients import CurlClient, PahoClient
from support.gateway import BINARY, Gateway
from support.message import Message
from support.no_websockets import NoWebSockets
from support.node import NodeClient
from support.vertx import BridgeClient, JavaClient, VertxApplication

CONNECTORS = ["mqtt", "websocket", "rest", "zeromq", "vertx", "vertx-ws"]


def in_force(client, address):
    """What was sent before counts: frames are read in order."""
    client.send("register", address=address)
    client.send("publish", address=address, body="in force")
    assert client.receive()["body"] == "in force"


def conversation(one, two):
    """What two clients of a bridge hear while each of them does all that such a client can; addresses that the bridge made up are left out."""
    heard = []

    def hears(client):
        frame = client.receive()
        heard.append({key: "" if key == "replyAddress" else value for key, value in frame.items()})
        if "failureType" in frame:
            heard[-1].pop("message")  # for people
        return frame

    in_force(one, "java")
    two.send("publish", address="java", body={"x": [1, None, 2.5]}, headers={"h": "v", "unit": "C"})
    hears(one)
    for body in ({"body": "text"}, {"body": ""}, {"body": None}, {}, {"body": 5.5}, {"body": False}):
        two.send("send", address="java", **body)
        hears(one)
    two.send("send", address="java", body={"ask": 1}, replyAddress="a-1", headers={"h": "v"})
    one.send("send", address=hears(one)["replyAddress"], body={"answer": 1}, headers={"of": "one"})
    hears(two)
    two.send("send", address="java", body={"ask": 2}, replyAddress="a-2")
    one.send("send", address=hears(one)["replyAddress"], body={"answer": 2}, replyAddress="b-1")
    two.send("send", address=hears(two)["replyAddress"], body={"answer": "to that"})
    hears(one)
    two.send("send", address="nobody.there", body={}, replyAddress="a-3")
    hears(two)
    two.send("publish", body={"no": "address"})
    hears(two)
    two.send("unregister", address="never.registered")  # a bridge by TCP says so, the other one nothing
    two.send("publish")
    while hears(two).get("message") == "unknown_address":
        pass
    one.send("unregister", address="java")
    in_force(one, "java.2")
    two.send("publish", address="java", body="nobody hears this")
    two.send("publish", address="java.2", body="the last")
    hears(one)
    return heard


class VertxClients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway(connectors=CONNECTORS))

    def node(self, **options):
        client = self.enterContext(NodeClient("vertx_client.js", url=self.gateway.url("/eventbus"), **options))
        client.event("open")
        return client

    def bridge(self):
        return self.enterContext(BridgeClient(self.gateway.ports["vertx"]))

    def mqtt(self, *filters):
        client = self.enterContext(PahoClient(self.gateway.ports["mqtt"]))
        for each in filters:
            client.subscribe(each)
        return client

    def test_the_javascript_client_hears_mqtt_and_is_heard(self):
        node, mqtt = self.node(), self.mqtt("from/node")
        node.command("publish", address="from/node", body={"n": 1}, headers={"unit": "C"})
        got = mqtt.receive()
        self.assertEqual((json.loads(got.payload), got.content_type, got.headers), ({"n": 1}, "application/json", [("unit", "C")]))
        node.command("register", address="to/node")
        node.command("publish", address="to/node", body="own")  # behind the registration: it comes when that is in force
        self.assertEqual(node.event("message")["body"], "own")
        mqtt.publish(Message("to/node", b'{"x": [1]}', headers=[("k", "v")], qos=1))
        got = node.event("message")
        self.assertEqual((got["body"], got["headers"]), ({"x": [1]}, {"k": "v"}))
        mqtt.publish(Message("to/node", b"text", qos=1))
        self.assertEqual(node.event("message")["body"], "text")
        node.command("unregister", address="to/node")
        node.command("publish", address="from/node", body="end")
        self.assertEqual(mqtt.receive().payload, b"end")
        mqtt.publish(Message("to/node", b"nobody", qos=1))
        self.assertFalse([each for each in node._kept if each["event"] == "message"])

    def test_the_javascript_client_does_without_a_websocket(self):
        for transport in ("xhr-streaming", "xhr-polling"):
            with self.subTest(transport=transport):
                node, other = self.node(transport=transport), self.node()
                node.command("register", address=transport, answer="answered")
                for number in range(200):
                    node.command("publish", address=transport, body={"n": number, "fill": "x" * 2000})
                self.assertEqual([node.event("message")["body"]["n"] for _ in range(200)], list(range(200)))
                other.command("request", address=transport, body="1+1")
                self.assertEqual(other.event("answer")["body"], "answered")
                node.command("request", address="nobody", body="?")
                self.assertEqual(node.event("answer")["error"]["failureType"], "NO_HANDLERS")
                node.command("close")
                node.event("closed")

    def test_the_javascript_client_finds_another_way_where_no_websocket_gets_through(self):
        with NoWebSockets(self.gateway.ports["http"]) as between:
            node = self.enterContext(NodeClient("vertx_client.js", url=f"http://127.0.0.1:{between.port}/eventbus"))
            node.event("open")
            node.command("register", address="another/way")
            node.command("publish", address="another/way", body="here")
            self.assertEqual(node.event("message")["body"], "here")
            node.command("close")
            node.event("closed")
        self.assertTrue(any("/websocket " in line for line in between.asked), "it tried")

    def test_the_javascript_client_asks_and_is_asked(self):
        asker, server = self.node(), self.node()
        server.command("register", address="service", answer={"sum": 2})
        server.command("publish", address="service", body="ready")
        server.event("message")
        asker.command("request", address="service", body="1+1")
        self.assertTrue(server.event("message")["asks"])
        got = asker.event("answer")
        self.assertEqual((got["body"], got["headers"], got["error"]), ({"sum": 2}, {"from": "node"}, None))
        status, _, body = CurlClient(self.gateway.url()).call("POST", "/v1/requests/service", b"1+1")
        self.assertEqual((status, json.loads(body)), (200, {"sum": 2}))
        asker.command("request", address="nobody", body="?")
        error = asker.event("answer")["error"]
        self.assertEqual((error["failureType"], error["failureCode"]), ("NO_HANDLERS", -1))

    def test_the_tcp_client_hears_and_asks_and_is_asked(self):
        tcp = self.enterContext(NodeClient("vertx_client.js", port=self.gateway.ports["vertx"]))
        tcp.event("open")
        other, mqtt = self.node(), self.mqtt("from/tcp")
        tcp.command("publish", address="from/tcp", body={"n": 1}, headers={"unit": "C"})
        got = mqtt.receive()
        self.assertEqual((json.loads(got.payload), got.headers), ({"n": 1}, [("unit", "C")]))
        tcp.command("register", address="tcp/service", answer={"sum": 2})
        tcp.command("publish", address="tcp/service", body="ready")
        self.assertEqual(tcp.event("message")["body"], "ready")
        other.command("request", address="tcp/service", body="1+1")
        self.assertTrue(tcp.event("message")["asks"])
        self.assertEqual(other.event("answer")["body"], {"sum": 2})
        other.command("register", address="js/service", answer="answered")
        other.command("publish", address="js/service", body="ready")
        other.event("message")
        tcp.command("request", address="js/service", body="?")
        self.assertEqual(tcp.event("answer")["body"], "answered")
        tcp.command("request", address="nobody", body="?")
        self.assertEqual(tcp.event("answer")["error"]["failureType"], "NO_HANDLERS")

    def test_tcp_frames(self):
        one, two = self.bridge(), self.bridge()
        one.register("a.b")
        two.send("publish", address="a.b", body={"x": 1}, headers={"h": "v"})
        self.assertEqual(one.receive(), {"type": "message", "address": "a.b", "headers": {"h": "v"}, "body": {"x": 1}, "send": False})
        two.send("send", address="a.b", body="question", replyAddress="r")
        asked = one.receive()
        self.assertTrue(asked["replyAddress"])
        one.send("send", address=asked["replyAddress"], body="answer")
        got = two.receive()
        self.assertEqual((got["type"], got["address"], got["body"]), ("message", "r", "answer"))
        two.send("send", address="a.b", body="question", replyAddress="r")
        one.send("send", address=one.receive()["replyAddress"], failureCode=42, message="no")
        got = two.receive()
        self.assertEqual((got["type"], got["address"], got["failureCode"], got["failureType"], got["message"]), ("err", "r", 42, "RECIPIENT_FAILURE", "no"))
        two.send("send", address="a.b", body="?", replyAddress="late", headers={"timeout": "50"})
        self.assertEqual((one.receive()["body"], two.receive()["failureType"]), ("?", "TIMEOUT"))

    def test_java_clients_hear_what_they_hear_from_vertx(self):
        with VertxApplication(http=True) as application:
            for form, theirs, ours in (("tcp", {"port": application.port}, {"port": self.gateway.ports["vertx"]}),
                                       ("websocket", {"port": application.http_port, "path": "/eventbus/websocket"},
                                        {"port": self.gateway.ports["http"], "path": "/eventbus/websocket"})):
                with self.subTest(form=form):
                    heard = []
                    for options in (theirs, ours):
                        with JavaClient(**options) as one, JavaClient(**options) as two:
                            heard.append(conversation(one, two))
                            two.send("ping")
                            if form == "tcp":
                                self.assertEqual(two.receive(), {"type": "pong"})
                            in_force(two, "end")
                            self.assertFalse(one.unread() + two.unread())
                    for number, (their_frame, our_frame) in enumerate(zip(*heard)):
                        with self.subTest(number=number):
                            self.assertEqual(our_frame, their_frame)

    def test_a_java_client_hears_mqtt_and_is_heard_and_told_of_failures(self):
        for options in ({"port": self.gateway.ports["vertx"]}, {"port": self.gateway.ports["http"], "path": "/eventbus/websocket"}):
            with self.subTest(**options), JavaClient(**options) as java, self.bridge() as other:
                mqtt = self.mqtt("from/java")
                java.send("publish", address="from/java", body={"n": 1}, headers={"unit": "C"})
                got = mqtt.receive()
                self.assertEqual((json.loads(got.payload), got.headers), ({"n": 1}, [("unit", "C")]))
                in_force(java, "to/java")
                mqtt.publish(Message("to/java", b'{"x": 1}', headers=[("k", "v")], qos=1))
                got = java.receive()
                self.assertEqual((got["body"], got["headers"]), ({"x": 1}, {"k": "v"}))
                other.register("fails")
                java.send("send", address="fails", body={}, replyAddress="r")
                other.send("send", address=other.receive()["replyAddress"], failureCode=42, message="no")
                got = java.receive()
                self.assertEqual((got["type"], got["address"], got["failureCode"], got["failureType"], got["message"]),
                                 ("err", "r", 42, "RECIPIENT_FAILURE", "no"))

    def test_sends_go_to_one(self):
        workers, sender = [self.bridge() for _ in range(2)], self.bridge()
        for worker in workers:
            worker.register("jobs")
        for number in range(10):
            sender.send("send", address="jobs", body=number)
        sender.send("publish", address="jobs", body="end")
        got = []
        for worker in workers:
            mine = []
            while (body := worker.receive()["body"]) != "end":
                mine.append(body)
            self.assertEqual(mine, sorted(mine))
            got += mine
        self.assertEqual(sorted(got), list(range(10)))

    def test_answers_are_those_of_vertx(self):
        """The same frames to both; what both have to say is compared."""
        with VertxApplication() as application, BridgeClient(application.port) as theirs, BridgeClient(self.gateway.ports["vertx"]) as ours:
            for each in (theirs, ours):
                each.register("here")
            for frame in ({"type": "publish", "address": "here", "body": [1, {"x": None}], "headers": {"n": "5"}},
                          {"type": "publish", "address": "here", "body": "text"},
                          {"type": "send", "address": "here", "body": 5.5},
                          {"type": "send", "address": "none.here", "replyAddress": "r", "body": "x"},
                          {"type": "publish"},
                          {"type": "unregister", "address": "not.registered"},
                          {"type": "ping"}):
                answers = []
                for each in (theirs, ours):
                    each.send(**frame)
                    answers.append(each.receive())
                    answers[-1].setdefault("headers", {})
                    if answers[-1]["type"] == "err" and "failureType" in answers[-1]:
                        answers[-1] = {key: answers[-1][key] for key in ("type", "address", "failureCode", "failureType")}
                with self.subTest(frame=frame):
                    self.assertEqual(*answers)

    def test_our_own_client_speaks_to_an_application(self):
        with VertxApplication() as application, BridgeClient(application.port) as stranger:
            url = f"vertx://127.0.0.1:{application.port}"
            stranger.register("here")
            for each, status, shown in ((("pub", url, "here", "-m", "text"), 0, ""), (("request", url, "vx.echo", "-m", "text"), 0, "text"),
                                        (("request", url, "vx.none", "-m", "text"), None, ""), (("pub", url, "secret.x", "-m", "text"), None, "")):
                done = subprocess.run([BINARY, *each], capture_output=True, text=True, timeout=60)
                with self.subTest(command=each):
                    self.assertEqual(done.returncode == 0, status == 0, done.stderr)
                    self.assertIn(shown, done.stdout)
            self.assertEqual(stranger.receive()["body"], "text")

    def test_raw_websocket_and_info(self):
        with urllib.request.urlopen(self.gateway.url("/eventbus/info"), timeout=30) as answer:
            self.assertTrue(json.load(answer)["websocket"])
        connection = raw.websocket_session(self.gateway.ports["http"], "/eventbus/websocket")
        with connection:
            connection.sendall(raw.websocket_frame(b'{"type":"register","address":"raw"}') + raw.websocket_frame(b'{"type":"publish","address":"raw","body":1}'))
            opcode, payload = raw.read_websocket_frame(connection)
            got = json.loads(payload)
            self.assertEqual((opcode, got["type"], got["address"], got["body"]), (2, "rec", "raw", 1))  # binary, as Vert.x's

    def test_bad_input_harms_nobody_else(self):
        bystander = self.bridge()
        bystander.register("by")
        for bad in (b"\xff\xff\xff\xff", b"\x00\x00\x00\x01{", b"GET / HTTP/1.1\r\n\r\n", b"\x00\x00\x00\x00" * 100):
            with raw.open_socket(self.gateway.ports["vertx"]) as connection:
                connection.sendall(bad)
                connection.recv(100)
        bystander.send("publish", address="by", body=1)
        self.assertEqual(bystander.receive()["body"], 1)


class VertxLogin(unittest.TestCase):
    def test_a_login_says_who_somebody_is(self):
        with gateway_with_users({"alice": "secret"}, connectors=CONNECTORS) as gateway, BridgeClient(gateway.ports["vertx"]) as client:
            client.send("publish", address="a", body=1)
            self.assertEqual(client.receive(), {"type": "err", "message": "not_logged_in"})
            client.send("send", address="vertx.basicauthmanager.login", replyAddress="l", body={"username": "alice", "password": "secret"})
            self.assertEqual(client.receive()["body"], {"status": "ok"})
            client.register("a")
            client.send("publish", address="a", body=1)
            self.assertEqual(client.receive()["body"], 1)
            with BridgeClient(gateway.ports["vertx"]) as stranger:
                stranger.send("send", address="vertx.basicauthmanager.login", replyAddress="l", body={"username": "alice", "password": "wrong"})
                self.assertEqual(stranger.receive()["failureCode"], 401)


if __name__ == "__main__":
    unittest.main()
