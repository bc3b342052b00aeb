"""Byte sequences with the answers that clients expect, from another broker's test data, where that lies beside the project."""
import json
import os
import pathlib
import struct
import unittest

from support import raw
from support.gateway import Gateway

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = pathlib.Path(os.environ.get("JUNCTOR_MQTT_SEQUENCES", ROOT.parent / "shared" / "data" / "mqtt-sequences"))
WAIT_SECONDS = 30
PINGREQ, PINGRESP = b"\xc0\0", b"\xd0\0"
DISCONNECT = b"\xe0\0"

# What junctor answers otherwise: (group, case): what it says before it ends the connection, where the sequences expect silence.
# 5.0 4.13.1: a server tells an open client by DISCONNECT why it ends the connection, here Malformed Packet, as for every other one.
EXCEPTIONS = {
    ("v5.0   PINGREQ", "C0 long"): b"\xe0\1\x81",
    ("v5.0   PINGRESP", "D0 long"): b"\xe0\1\x81",
}


def packet(first, body):
    size, length = len(body), b""
    while True:
        size, digit = divmod(size, 128)
        length += bytes([digit | (0x80 if size else 0)])
        if not size:
            return bytes([first]) + length + body


def connect_packet(client_id, version):
    name = b"MQIsdp" if version == 3 else b"MQTT"
    properties = b"\0" if version == 5 else b""
    body = struct.pack("!H", len(name)) + name + bytes([version, 2]) + struct.pack("!H", 60) + properties
    return packet(0x10, body + raw.mqtt_text(client_id))


def read(connection, size):
    """`size` bytes, or fewer where the gateway ends the connection."""
    got = b""
    while len(got) < size:
        more = connection.recv(size - len(got))
        if not more:
            break
        got += more
    return got


def open_client(port, client_id, version):
    connection = raw.open_socket(port, WAIT_SECONDS)
    connection.sendall(connect_packet(client_id, version))
    head = read(connection, 2)
    answer = read(connection, head[1])
    if head[0] != 0x20 or answer[1] != 0:
        raise AssertionError(f"refused: {(head + answer).hex()}")
    return connection


def publish(port, message):
    """What another client publishes meanwhile; returns when the gateway has it."""
    qos = message["qos"]
    identifier = struct.pack("!H", 1) if qos else b""
    with open_client(port, "other", 4) as connection:
        connection.sendall(packet(0x30 | qos << 1, raw.mqtt_text(message["topic"]) + identifier + message["payload"].encode()))
        if qos == 2:
            read(connection, 4)
            connection.sendall(packet(0x62, identifier))
        if qos:
            read(connection, 4)


def play(port, name, case, instead=b""):
    """Raises where the gateway answers otherwise."""
    version = case.get("ver", 4)
    connection = open_client(port, name, version) if case.get("connect", True) else raw.open_socket(port, WAIT_SECONDS)
    with connection:
        for step in case["msgs"]:
            if step["type"] == "publish":
                publish(port, step)
                continue
            content = bytes.fromhex(step["payload"].replace(" ", ""))
            if step["type"] == "send":
                connection.sendall(content)
            elif (got := read(connection, len(content))) != content:
                raise AssertionError(f"heard {got.hex()}, not {content.hex()}")
        if case.get("expect_disconnect", True):
            if (got := read(connection, len(instead))) != instead:
                raise AssertionError(f"heard {got.hex()}, not {instead.hex()}")
            ended(connection)
        else:
            connection.sendall(PINGREQ)
            if (got := read(connection, 2)) != PINGRESP:
                raise AssertionError(f"no PINGRESP but {got.hex()}")
            # A goodbye and its end: the next case begins when this client's subscriptions are gone from every core.
            connection.sendall(DISCONNECT)
            ended(connection)


def ended(connection):
    try:
        got = connection.recv(1)
    except ConnectionResetError:
        return
    if got:
        raise AssertionError(f"still open, and heard {got.hex()}")


@unittest.skipUnless(FOLDER.is_dir(), f"{FOLDER} is not there: no sequences to play")
class Sequences(unittest.TestCase):
    def play_all(self, cores):
        played = set()
        with Gateway(cores=cores, connectors=["mqtt"]) as gateway:
            for file in sorted(FOLDER.glob("*.json")):
                for group in json.loads(file.read_text()):
                    for case in group["tests"]:
                        played.add((group["group"], case["name"]))
                        with self.subTest(file=file.name, group=group["group"], case=case["name"]):
                            instead = EXCEPTIONS.get((group["group"], case["name"]), b"")
                            play(gateway.ports["mqtt"], group["group"] + " " + case["name"], case, instead)
        self.assertGreater(len(played), 1_000)
        self.assertLessEqual(set(EXCEPTIONS), played)

    def test_on_one_core(self):
        self.play_all(1)

    def test_on_two_cores(self):
        self.play_all(2)


if __name__ == "__main__":
    unittest.main()
