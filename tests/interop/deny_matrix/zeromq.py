"""A DEALER at the request door: no wills."""
import json

import zmq

from support.deniable import SECONDS, Gone

VERBS = {"connect", "publish", "subscribe", "receive", "presence", "retained", "shared", "dead_letter", "history", "request"}


class Client:
    def __init__(self, ports, user, password, tls=None):
        self._socket = zmq.Context.instance().socket(zmq.DEALER)
        self._socket.linger = 0
        self._socket.plain_username, self._socket.plain_password = user.encode(), password.encode()
        self._socket.connect(f"tcp://127.0.0.1:{ports['request']}")
        self._messages = []
        self.alive()

    def _read(self):
        if not self._socket.poll(SECONDS * 1000):
            raise AssertionError("nothing came")
        frames = self._socket.recv_multipart()
        if frames[0] == b"error" and frames[3] in (b"not_authenticated", b"not_authorized"):
            raise Gone(frames[3])
        return frames

    def _operate(self, op, topic="", body=b"", **fields):
        self._socket.send_multipart([op, b"1", topic.encode(), body, json.dumps(fields).encode()])
        while (frames := self._read())[1] != b"1":
            self._messages.append(frames)
        assert frames[0] != b"error" or frames[3] == b"denied", frames
        return frames[0] != b"error"

    def publish(self, topic, payload=b"x", retain=False):
        return self._operate(b"publish", topic, payload, retain=retain, qos=1) if retain else self._operate(b"publish", topic, payload, qos=1)

    def subscribe(self, filter):
        return self._operate(b"subscribe", filter, qos=1)

    def request(self, topic):
        return self._operate(b"request", topic, b"x", timeout=20)

    def recall(self, filter):
        return self._operate(b"subscribe", filter, **{"from": "first"})

    def receive(self):
        return (self._messages.pop(0) if self._messages else self._read())[2].decode()

    def alive(self):
        return self._operate(b"ping")

    def cut(self):
        self._socket.close()
