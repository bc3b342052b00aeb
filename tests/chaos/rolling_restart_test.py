"""Fault rolling restart: SIGTERM under load. Nothing acknowledged is lost, and everybody is told in the words of its own protocol."""
import asyncio
import os
import random
import signal
import unittest

from load.rounds import Rounds
from support import mqtt_packets as mqtt
from support import raw
from support.gateway import Gateway
from support.mqtt_client import Client

LONG = "JUNCTOR_LONG" in os.environ
ROUNDS, MESSAGES = (20, 5_000) if LONG else (3, 1_000)
SEED = int(os.environ.get("JUNCTOR_SEED", random.randrange(1 << 32)))
SHUTTING_DOWN = 0x8B
GOING_AWAY = (1001, 1012)


class Restarted(Gateway):
    """`kill` is a restart in order: it waits until the gateway has left."""

    def kill(self):
        if self.stop() != 0:
            raise AssertionError(f"the gateway did not leave in order:\n{self.log()[-4000:]}")


class RollingRestart(unittest.TestCase):
    def test_nothing_acknowledged_is_lost(self):
        print(f"JUNCTOR_SEED={SEED}", flush=True)
        with Restarted(connectors=["mqtt"], store="fsync") as gateway:
            rounds = Rounds(gateway, ROUNDS, MESSAGES, SEED)
            faults = asyncio.run(rounds.run())
        print(f"{rounds.acknowledged()} acknowledged, {rounds.received()} delivered", flush=True)
        goodbyes = [fault for fault in faults if fault.endswith(f"DISCONNECT {SHUTTING_DOWN:#x}")]
        self.assertGreater(len(goodbyes), 0, "who is connected is told")
        self.assertEqual([fault for fault in faults if fault not in goodbyes], [])

    def test_everybody_gets_a_goodbye(self):
        with Gateway(connectors=["mqtt", "websocket", "rest"]) as gateway:
            port = gateway.ports["http"]
            client = Client(gateway.ports["mqtt"], wait_seconds=raw.WAIT_SECONDS)
            client.connect("asleep-soon", session_expiry=60)
            client.subscribe(("a/#", 1))
            old = Client(gateway.ports["mqtt"], mqtt.V3_1_1, wait_seconds=raw.WAIT_SECONDS)
            old.connect("old")
            socket = raw.websocket_session(port)
            socket.sendall(raw.websocket_frame(b'{"op":"subscribe","id":1,"filter":"a/#"}'))
            self.assertIn(b"ack", raw.read_websocket_frame(socket)[1])
            listener = raw.open_socket(port)
            listener.sendall(b"GET /v1/topics/a/%23 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
            self.assertIn("200", raw.read_head(listener))
            poll = raw.open_socket(port)
            poll.sendall(b"GET /v1/topics/a/b?wait=50s HTTP/1.1\r\nHost: localhost\r\n\r\n")
            idle = raw.open_socket(port)
            idle.sendall(b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertIn("404", raw.read_head(idle))
            self.wait_for_sessions(gateway, 6)  # the poll is two: one that looks for what is retained, one that waits

            gateway.process.send_signal(signal.SIGTERM)
            client.expect_goodbye(SHUTTING_DOWN)
            old.expect_end()
            self.assertIn(b"server_shutdown", raw.read_websocket_frame(socket)[1])
            opcode, payload = raw.read_websocket_frame(socket)
            self.assertEqual((opcode, int.from_bytes(payload[:2], "big") in GOING_AWAY), (8, True), payload)
            self.assertIn(b"event: closed\ndata: server_shutdown", read_all(listener))
            answer = read_all(poll)
            self.assertTrue(answer.startswith(b"HTTP/1.1 503"), answer)
            self.assertIn(b"Connection: close", answer)
            self.assertIn(b"Retry-After", answer)
            self.assertTrue(raw.ends(idle), "an idle connection just ends: nothing is under way on it")
            for each in (socket, listener, poll, idle):
                each.close()
            self.assertEqual(gateway.process.wait(raw.WAIT_SECONDS), 0)

    def wait_for_sessions(self, gateway, count):
        while f"\njunctor_sessions {count}\n" not in gateway.admin("/metrics"):
            pass


def read_all(connection):
    """Until the gateway ends it; a reset fails."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


if __name__ == "__main__":
    unittest.main()
