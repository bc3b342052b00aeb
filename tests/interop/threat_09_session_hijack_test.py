"""Threat 9: a session belongs to the principal that opened it, in every protocol, live and asleep; nobody else gets it, nor ends it."""
import json
import unittest
import urllib.error
import urllib.request

import zmq

from support import mqtt_packets, raw
from support.accounts import basic, gateway_with_users
from support.mqtt_client import Client


class SessionHijack(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = gateway_with_users({"ann": "one", "eve": "two"}, zeromq="mechanism: plain")
        cls.enterClassContext(cls.gateway)
        cls.ports = cls.gateway.ports

    def mqtt(self, user, password, client_id, clean=False, expiry=600):
        client = Client(self.ports["mqtt"])
        self.addCleanup(client.cut)
        client.send(mqtt_packets.connect(client_id=client_id, username=user, password=password, clean=clean, session_expiry=expiry))
        return client

    def rest(self, method, path, user, password):
        request = urllib.request.Request(self.gateway.url(path), method=method)
        name, _, value = basic(user, password).partition(": ")
        request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as refusal:
            return refusal.code

    def dealer(self, user, password, routing_id):
        socket = zmq.Context.instance().socket(zmq.DEALER)
        self.addCleanup(socket.close, 0)
        socket.routing_id = routing_id
        socket.plain_username, socket.plain_password = user, password
        socket.connect(f"tcp://127.0.0.1:{self.ports['request']}")
        return socket

    def ask(self, socket, *frames):
        socket.send_multipart(frames)
        self.assertTrue(socket.poll(30_000))
        return socket.recv_multipart()

    def websocket(self, user, password, *operations):
        connection = raw.open_socket(self.ports["http"])
        self.addCleanup(connection.close)
        connection.sendall(raw.websocket_handshake()[:-2] + basic(user, password).encode() + b"\r\n\r\n")
        raw.read_head(connection)
        for operation in operations:
            connection.sendall(raw.websocket_frame(json.dumps(operation).encode()))
        return json.loads(raw.read_websocket_frame(connection)[1])

    def others_are_refused(self, name):
        """By every protocol. The session must be ann's."""
        for clean in (False, True):
            intruder = self.mqtt("eve", "two", name, clean=clean)
            self.assertEqual(intruder.expect(mqtt_packets.CONNACK).reason, 0x87)
        self.assertEqual(self.websocket("eve", "two", {"op": "session", "id": 1, "name": name})["code"], "not_authorized")
        self.assertEqual(self.websocket("eve", "two", {"op": "hello", "id": 1, "name": name})["code"], "not_authorized")
        self.assertEqual(self.rest("GET", f"/v1/topics/a?session={name}&wait=1s", "eve", "two"), 403)
        self.assertEqual(self.rest("DELETE", f"/v1/sessions/{name}", "eve", "two"), 403)
        self.assertEqual(self.ask(self.dealer(b"eve", b"two", name.encode()), b"session", b"1", name.encode())[3], b"not_authorized")

    def test_a_live_and_a_sleeping_session(self):
        owner = self.mqtt("ann", "one", "ann-1")
        owner.expect(mqtt_packets.CONNACK, reason=0)
        owner.subscribe(("a/#", 1))
        self.others_are_refused("ann-1")
        owner.send(b"\xc0\x00")
        owner.expect(mqtt_packets.PINGRESP)
        owner.leave()
        self.others_are_refused("ann-1")
        again = self.mqtt("ann", "one", "ann-1")
        self.assertTrue(again.expect(mqtt_packets.CONNACK, reason=0).session_present)

    def test_a_dealer_under_anothers_routing_id_gets_nothing_of_it(self):
        owner = self.dealer(b"ann", b"one", b"worker")
        self.assertEqual(self.ask(owner, b"subscribe", b"1", b"private/#")[0], b"ack")
        intruder = self.dealer(b"eve", b"two", b"worker")
        self.ask(intruder, b"ping", b"1")
        publisher = self.dealer(b"ann", b"one", b"publisher")
        self.assertEqual(self.ask(publisher, b"publish", b"1", b"private/a", b"secret")[0], b"ack")
        self.assertEqual(self.ask(intruder, b"ping", b"2")[0:2], [b"ack", b"2"], "and not the message")


if __name__ == "__main__":
    unittest.main()
