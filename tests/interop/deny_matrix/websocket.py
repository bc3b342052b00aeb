"""JSON over WebSocket: no wills, no groups."""
import json
import time

from support import raw
from support.deniable import Gone, basic, connected

VERBS = {"connect", "publish", "subscribe", "receive", "presence", "retained", "dead_letter", "history", "request"}


class Client:
    def __init__(self, ports, user, password, tls=None):
        self._socket = connected(ports["http"], tls)
        self._messages = []
        headers = "".join(f"{name}: {value}\r\n" for name, value in basic(user, password).items())
        self._socket.sendall(raw.websocket_handshake()[:-2] + headers.encode() + b"\r\n")
        raw.read_head(self._socket)
        # Rights are asked for when the session opens: with the first frame that does something.
        if not self._operate(op="hello", name=f"{user or 'tls'}-{time.monotonic_ns()}"):
            raise Gone("hello")

    def _read(self):
        try:
            while (read := raw.read_websocket_frame(self._socket))[0] == 9:
                self._socket.sendall(raw.websocket_frame(read[1], opcode=10))
            opcode, payload = read
        except ConnectionError as error:
            raise Gone("closed") from error
        if opcode == 8:
            raise Gone("closed")
        frame = json.loads(payload)
        if frame["op"] == "error" and frame["code"] in ("not_authenticated", "not_authorized"):
            raise Gone(frame["code"])
        return frame

    def _operate(self, **operation):
        self._socket.sendall(raw.websocket_frame(json.dumps({"id": 1, **operation}).encode()))
        while True:
            frame = self._read()
            if frame.get("id") == 1:
                assert frame["op"] in ("ack", "reply", "pong", "history") or frame["code"] == "denied", frame
                return frame["op"] != "error"
            if frame["op"] == "message":
                self._messages.append(frame)

    def publish(self, topic, payload=b"x", retain=False):
        return self._operate(op="publish", topic=topic, data=payload.decode(), retain=retain)

    def subscribe(self, filter):
        return self._operate(op="subscribe", filter=filter, qos=1)

    def request(self, topic):
        return self._operate(op="request", topic=topic, data="x")

    def recall(self, filter):
        """Of what is there, something is shown."""
        self._socket.sendall(raw.websocket_frame(json.dumps({"id": 1, "op": "history", "filter": filter}).encode()))
        while (frame := self._read()).get("id") != 1:
            self._messages.append(frame)
        return bool(frame.get("messages"))

    def receive(self):
        while not self._messages:
            frame = self._read()
            if frame["op"] == "message":
                self._messages.append(frame)
        return self._messages.pop(0)["topic"]

    def alive(self):
        return self._operate(op="ping")

    def cut(self):
        self._socket.close()
