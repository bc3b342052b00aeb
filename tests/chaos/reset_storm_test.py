"""Fault connection reset storm: everybody's connection is reset at once, again and again. Every session resumes, no descriptor is left behind."""
import os
import random
import socket
import struct
import time
import unittest

from support import mqtt_packets as mqtt
from support import raw
from support.gateway import Gateway
from support.mqtt_client import Client

STORMS = 20 if "JUNCTOR_LONG" in os.environ else 3
SESSIONS, OTHERS = 60, 20
WAIT_SECONDS = 60
SEED = int(os.environ.get("JUNCTOR_SEED", random.randrange(1 << 32)))


def reset(connection):
    """Without a goodbye of TCP's either."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class ResetStorm(unittest.TestCase):
    def setUp(self):
        print(f"JUNCTOR_SEED={SEED}", flush=True)
        self.random = random.Random(SEED)
        self.gateway = self.enterContext(Gateway(store="os"))
        self.received = {number: set() for number in range(SESSIONS)}

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.gateway.pid}/fd"))

    def settles_at(self, count):
        """What is being closed is given back soon."""
        deadline = time.monotonic() + WAIT_SECONDS
        while self.descriptors() != count and time.monotonic() < deadline:
            time.sleep(0.01)  # between two looks
        self.assertEqual(self.descriptors(), count)

    def session(self, number, first=False):
        client = Client(self.gateway.ports["mqtt"], wait_seconds=WAIT_SECONDS)
        client.send(mqtt.connect(mqtt.V5, f"session-{number}", clean=first, session_expiry=3600))
        answer = client.expect(mqtt.CONNACK, reason=0)
        self.assertEqual(answer.session_present, not first, "the session is there again")
        if first:
            self.assertEqual(client.subscribe(("storm/#", 1)), [1])
        return client

    def others(self):
        """Half handshakes, WebSockets and listeners, in every state that a reset may meet."""
        port = self.gateway.ports["http"]
        for kind in range(OTHERS):
            if kind % 4 == 0:
                yield raw.websocket_session(port)
                continue
            connection = raw.open_socket(port)
            connection.sendall([b"", b"GET /v1/topics/storm/%23 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n",
                                b"POST /v1/topics/other HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf",
                                raw.websocket_handshake("/mqtt", protocol="mqtt")][kind % 4])
            yield connection

    def read_some(self, number, client):
        for _ in range(self.random.randrange(3)):
            got = client.receive()
            self.received[number].add(int(got.payload))

    def test_every_session_resumes_and_no_descriptor_leaks(self):
        with Client(self.gateway.ports["mqtt"], wait_seconds=WAIT_SECONDS) as publisher:
            publisher.connect("publisher")
            before = self.descriptors()
            published = 0
            for storm in range(STORMS):
                clients = {number: self.session(number, storm == 0) for number in range(SESSIONS)}
                connections = [client.socket for client in clients.values()] + list(self.others())
                for _ in range(5):
                    self.assertLess(publisher.publish("storm/a", b"%d" % published, 1), 0x80)
                    published += 1
                for number, client in clients.items():
                    self.read_some(number, client)
                self.random.shuffle(connections)
                for connection in connections:
                    reset(connection)
                self.settles_at(before)
            for number in range(SESSIONS):
                client = self.session(number)
                while len(self.received[number]) < published:
                    self.received[number].add(int(client.receive().payload))
                client.expect_nothing()
                reset(client.socket)
            self.settles_at(before)


if __name__ == "__main__":
    unittest.main()
