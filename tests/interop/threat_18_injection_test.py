"""Threat 18: what a publisher writes stays a value: it ends no header, event, line or form field of another protocol."""
import http.client
import json
import unittest

import zmq

from support import mqtt_packets as mqtt
from support import raw
from support.callout import Callout
from support.gateway import Gateway
from support.mqtt_client import Client

BREAKS = ("\r\nX-Injected: 1", "\nX-Injected: 1", "\r\rX-Injected: 1", "\x00X-Injected: 1", "\u2028X-Injected: 1", "\x85X-Injected: 1",
          "\n\nevent: closed\ndata: {}", "\r\nid: 7", "&verb=connect&user=root", "\"}\n{\"op\":\"ack\"}")


class Injection(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = cls.enterClassContext(Callout())
        cls.service.answer = lambda asked: {"allow": asked["user"] == "anonymous" and asked["verb"] == "publish"}
        rules = f'{{type: http, url: "{cls.service.url}", form: form, verbs: [publish]}}, {{type: acl, rules: [{{allow: [all], topics: ["#"]}}, {{allow: [connect, admin]}}]}}'
        cls.gateway = cls.enterClassContext(Gateway(config=f"policy: {{authenticators: [{{type: anonymous}}], authorizers: [{rules}]}}"))
        cls.ports = cls.gateway.ports

    def websocket(self):
        return self.enterContext(raw.websocket_session(self.ports["http"]))

    def operate(self, connection, **operation):
        connection.sendall(raw.websocket_frame(json.dumps({"id": 1, **operation}).encode()))
        return json.loads(raw.read_websocket_frame(connection)[1])

    def publish_odd(self, topic, text, **more):
        """By the protocol that takes any text."""
        answer = self.operate(self.websocket(), op="publish", topic=topic, data=text, headers={"odd": "v" + text, "n" + text: "v"},
                              content_type="text/plain" + text, correlation="c" + text, **more)
        self.assertEqual(answer["op"], "ack", answer)

    def test_an_http_answer(self):
        for number, text in enumerate(BREAKS):
            topic = f"kept/{number}"
            self.publish_odd(topic, text, retain=True)
            with raw.open_socket(self.ports["http"]) as connection:
                connection.sendall(f"GET /v1/topics/{topic} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                head = raw.read_head(connection)
                for line in head.split("\r\n")[1:]:
                    self.assertRegex(line, "^[A-Za-z0-9-]+: [^\r\n\0]*$|^$")
                    self.assertFalse(line.lower().startswith(("x-injected", "id:", "event:")), head)

    def test_an_event_stream(self):
        for number, text in enumerate(BREAKS):
            topic = f"live/{number}"
            connection = http.client.HTTPConnection("127.0.0.1", self.ports["http"], timeout=60)
            self.addCleanup(connection.close)
            connection.request("GET", f"/v1/topics/{topic}", headers={"Accept": "text/event-stream"})
            stream = connection.getresponse()
            self.publish_odd(topic, text)
            self.assertEqual(self.operate(self.websocket(), op="publish", topic=topic, data="next")["op"], "ack")
            datas = []
            while len(datas) < 2:
                line = stream.readline()
                self.assertTrue(line in (b"\n", b": \n") or line.startswith((b"data: ", b":")), line)
                if line.startswith(b"data: "):
                    datas.append(json.loads(line[6:])["data"])
            self.assertEqual(datas, [text, "next"])

    def test_a_websocket_frame_and_an_mqtt_packet(self):
        for number, text in enumerate(BREAKS):
            topic = f"wire/{number}"
            reader = self.websocket()
            self.assertEqual(self.operate(reader, op="subscribe", filter=topic)["op"], "ack")
            with Client(self.ports["mqtt"], wait_seconds=60) as client:
                client.connect()
                client.subscribe(topic)
                self.publish_odd(topic, text)
                self.assertEqual(json.loads(raw.read_websocket_frame(reader)[1])["data"], text)
                packet = client.expect(mqtt.PUBLISH)  # read strictly
                for name, value in packet.properties.get("user_property", []):
                    self.assertTrue(name.startswith(("odd", "n")), name)
                    self.assertNotIn("\0", name + value)
                client.publish("wire/end", b"x", qos=1)

    def test_zeromq_frames(self):
        socket = zmq.Context.instance().socket(zmq.DEALER)
        self.addCleanup(socket.close, 0)
        socket.connect(f"tcp://127.0.0.1:{self.ports['request']}")
        for number, text in enumerate(BREAKS):
            topic = f"frames/{number}"
            socket.send_multipart([b"subscribe", b"1", topic.encode()])
            self.assertTrue(socket.poll(60_000))
            self.assertEqual(socket.recv_multipart()[0], b"ack")
            self.publish_odd(topic, text)
            self.assertTrue(socket.poll(60_000))
            op, _, where, body, fields = socket.recv_multipart()
            self.assertEqual((op, where, body), (b"message", topic.encode(), text.encode()))
            self.assertEqual(json.loads(fields)["headers"]["odd"], "v" + text)

    def test_a_path(self):
        for escaped in ("%0d%0aX-Injected:1", "%00", "%0a", "a%0d"):
            with raw.open_socket(self.ports["http"]) as connection:
                connection.sendall(f"POST /v1/topics/{escaped} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx".encode())
                head = raw.read_head(connection)
                self.assertTrue(head.startswith("HTTP/1.1 400"), head)
                self.assertNotIn("X-Injected", head)

    def test_a_form(self):
        """What a policy service is asked: a topic is one field, whatever is in it."""
        topic = "form/a&verb=connect&user=root=1+2"
        self.operate(self.websocket(), op="publish", topic=topic.replace("+", "-"), data="x")
        asked = [body for body, _ in self.service.asked if body["object"].startswith("form/")]
        self.assertEqual(len(asked), 1)
        self.assertEqual((asked[0]["verb"], asked[0]["user"], asked[0]["object"]), ("publish", "anonymous", topic.replace("+", "-")))


if __name__ == "__main__":
    unittest.main()
