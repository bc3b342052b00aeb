"""Threat 33: whatever one peer sends, the process lives and the others do not notice."""
import contextlib
import random
import unittest

from support import raw
from support.bystander import Bystander
from support.gateway import Gateway

ROUNDS = 200


def garbage(random_source):
    return random_source.randbytes(random_source.randrange(1, 2000))


def broken_mqtt(random_source):
    """A valid start, then a packet with some bytes changed."""
    packets = [raw.mqtt_subscribe(["a/#", "b"]), raw.mqtt_publish("a/b", b"payload"), raw.mqtt_packet(0xC0, b""), raw.mqtt_packet(0x62, b"\0\1"),
               raw.mqtt_packet(0xA2, b"\0\1\0" + raw.mqtt_text("a"))]
    packet = bytearray(random_source.choice(packets))
    for _ in range(random_source.randrange(1, 4)):
        packet[random_source.randrange(len(packet))] = random_source.randrange(256)
    return raw.mqtt_connect("broken", random_source.choice([4, 5])) + bytes(packet)


def broken_websocket(random_source):
    frame = bytearray(raw.websocket_frame(b'{"op":"publish","id":1,"topic":"a/b","data":"x","qos":1,"headers":{"a":"b"}}'))
    for _ in range(random_source.randrange(1, 4)):
        frame[random_source.randrange(len(frame))] = random_source.randrange(256)
    return raw.websocket_handshake() + bytes(frame)


def broken_http(random_source):
    request = bytearray(b"POST /v1/topics/a/b?qos=1&retain=0 HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello")
    for _ in range(random_source.randrange(1, 6)):
        request[random_source.randrange(len(request))] = random_source.randrange(256)
    return bytes(request)


class Isolation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = cls.enterClassContext(Gateway())

    def attack(self, door, make):
        random_source = random.Random(33)
        with Bystander(self.gateway) as bystander:
            for number in range(ROUNDS):
                with raw.open_socket(self.gateway.ports[door]) as connection, contextlib.suppress(ConnectionError):
                    connection.sendall(make(random_source))
                if number % 20 == 0:
                    bystander.check()
            bystander.check()
        self.assertIsNone(self.gateway.process.poll(), self.gateway.log()[-4000:])

    def test_garbage_at_every_door(self):
        for door in ("mqtt", "http", "pub", "sub", "request", "admin"):
            with self.subTest(door=door):
                self.attack(door, garbage)

    def test_broken_mqtt(self):
        self.attack("mqtt", broken_mqtt)

    def test_broken_websocket(self):
        self.attack("http", broken_websocket)

    def test_broken_http(self):
        self.attack("http", broken_http)


if __name__ == "__main__":
    unittest.main()
