"""What waits for all connections of a principal is bounded together, whatever protocol they speak; who reads misses nothing."""
import json
import re
import time
import unittest
import urllib.request

import zmq

from support import raw
from support.accounts import ALLOW_ALL, basic, gateway_with_users
from support.mqtt_client import Client

QUOTA = 1 << 20
CONSUMERS = 6
MESSAGES = 2000
PAYLOAD = b"x" * 16_000  # 32 MB in a flood, to each consumer
ROUND = 512 << 10        # one round may leave so much for one connection before anybody counts it
ANN = {"username": "ann", "password": "one"}
LOGIN = basic("ann", "one").encode() + b"\r\n"


class QueuedQuota(unittest.TestCase):
    def check(self, open_consumer):
        with gateway_with_users({"ann": "one", "bob": "two"}, authorizers=f"{ALLOW_ALL}, limits: {{principal: {{queued: {QUOTA}}}}}",
                                zeromq="mechanism: plain, high_water_mark: 10") as gateway:
            consumers = [open_consumer(gateway) for _ in range(CONSUMERS)]
            with Client(gateway.ports["mqtt"], wait_seconds=60) as reader, Client(gateway.ports["mqtt"], wait_seconds=60) as publisher:
                reader.connect("reader", **ANN)
                reader.subscribe("end")
                publisher.connect("publisher", username="bob", password="two")
                deadline = time.monotonic() + 120
                # The kernel and libzmq hold much, and may take it after the flood: until they do not.
                while not self.flood(gateway, publisher, reader):
                    self.assertLess(time.monotonic(), deadline, "nothing waits")
                self.assertTrue(self.exceeded(gateway))
                for consumer in consumers:
                    consumer.close()
                deadline = time.monotonic() + 60
                while self.waiting(gateway) > 0:
                    self.assertLess(time.monotonic(), deadline, "what waited for those who have gone is given back")

    def flood(self, gateway, publisher, reader):
        for _ in range(MESSAGES):
            publisher.send(raw.mqtt_publish("flood/a", PAYLOAD))
        publisher.send(raw.mqtt_publish("end", b"done"))
        self.assertEqual(reader.read().payload, b"done", "whoever of the same principal reads is not held up")
        waiting = self.waiting(gateway)
        self.assertLessEqual(waiting, QUOTA + CONSUMERS * ROUND)
        # Who takes nothing at the SUB door may be gone by now, and what waited for it.
        return waiting > 0 or self.exceeded(gateway)

    def exceeded(self, gateway):
        return re.search(r'(?m)^junctor_quota_exceeded_total\{scope="principal",limit="queued"\} [1-9]', self.admin(gateway, "/metrics"))

    def admin(self, gateway, path):
        request = urllib.request.Request(f"http://127.0.0.1:{gateway.ports['admin']}{path}", headers=dict([basic("bob", "two").split(": ")]))
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()

    def waiting(self, gateway):
        """Bytes, for all connections of ann."""
        sessions = json.loads(self.admin(gateway, "/v1/sessions"))["sessions"]
        reader = next(each["id"] for each in sessions if each.get("name") == "reader")
        quotas = json.loads(self.admin(gateway, f"/v1/explain?session={reader}&verb=publish&topic=a"))["quotas"]
        return next(each["used"] for each in quotas if (each["of"], each["limit"]) == ("principal", "queued"))

    def test_mqtt(self):
        def open_consumer(gateway):
            client = Client(gateway.ports["mqtt"], wait_seconds=60)
            client.connect(**ANN)
            client.subscribe("flood/#")
            return client.socket

        self.check(open_consumer)

    def test_json_over_websocket(self):
        def open_consumer(gateway):
            connection = raw.open_socket(gateway.ports["http"], 60)
            connection.sendall(raw.websocket_handshake()[:-2] + LOGIN + b"\r\n")
            raw.read_head(connection)
            connection.sendall(raw.websocket_frame(b'{"op":"subscribe","id":1,"filter":"flood/#"}'))
            self.assertIn(b"ack", raw.read_websocket_frame(connection)[1])
            return connection

        self.check(open_consumer)

    def test_server_sent_events(self):
        def open_consumer(gateway):
            connection = raw.open_socket(gateway.ports["http"], 60)
            connection.sendall(b"GET /v1/topics/flood/%23 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n" + LOGIN + b"\r\n")
            self.assertIn("200", raw.read_head(connection))
            return connection

        self.check(open_consumer)

    def test_zeromq_dealer(self):
        def open_consumer(gateway):
            socket = zmq.Context.instance().socket(zmq.DEALER)
            socket.linger, socket.rcvhwm, socket.rcvbuf = 0, 1, 4096
            socket.plain_username, socket.plain_password = b"ann", b"one"
            socket.connect(f"tcp://127.0.0.1:{gateway.ports['request']}")
            socket.send_multipart([b"subscribe", b"1", b"flood/#"])
            self.assertTrue(socket.poll(60_000))
            self.assertEqual(socket.recv_multipart()[0], b"ack")
            return socket

        self.check(open_consumer)

    def test_zeromq_sub(self):
        """All of them share the door's queue, which counts once; those who take nothing are disconnected when nothing more may wait."""
        def open_consumer(gateway):
            socket = zmq.Context.instance().socket(zmq.SUB)
            socket.linger, socket.rcvhwm, socket.rcvbuf = 0, 1, 4096
            socket.plain_username, socket.plain_password = b"ann", b"one"
            socket.connect(f"tcp://127.0.0.1:{gateway.ports['sub']}")
            socket.subscribe("flood/")
            with Client(gateway.ports["mqtt"], wait_seconds=60) as publisher:
                publisher.connect(username="bob", password="two")
                deadline = time.monotonic() + 60
                while not socket.poll(50):  # until the subscription has arrived
                    self.assertLess(time.monotonic(), deadline)
                    publisher.send(raw.mqtt_publish("flood/begin", b"x"))
            return socket

        self.check(open_consumer)


if __name__ == "__main__":
    unittest.main()
