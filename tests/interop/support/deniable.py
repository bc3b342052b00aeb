"""One client per connector for the deny matrix: what the gateway said, as True or False, and what came. Bare sockets: nothing retries,
nothing reconnects. `tls`: (context, server name) where the user is known by a certificate."""
import base64
import http.client
import json
import socket
import struct
import time

import zmq

from support import mqtt_packets, raw
from support.mqtt_client import Client as MqttWire
from support.vertx import BridgeClient

SECONDS = 30


class Gone(Exception):
    """The gateway does not let this client in, or has sent it away."""


def connected(port, tls):
    plain = socket.create_connection(("127.0.0.1", port), SECONDS)
    return tls.wrap_socket(plain, server_hostname="localhost") if tls else plain


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()} if user else {}


class Mqtt:
    def __init__(self, ports, user, password, tls=None, will=None, client_id="", expiry=0):
        self._wire = MqttWire(0, connection=connected(ports["mqtt"], tls))
        self._messages = []
        self._id = 0
        shown = {"username": user, "password": password} if user else {}
        self._wire.send(mqtt_packets.connect(client_id=client_id, will=will and mqtt_packets.Will(*will), session_expiry=expiry, clean=not expiry, **shown))
        if self._read().reason != 0:
            raise Gone("CONNACK")

    def _read(self):
        packet = self._wire.read()
        if packet is None or packet.kind == mqtt_packets.DISCONNECT:
            raise Gone("DISCONNECT")
        return packet

    def _answer(self, kind):
        while (packet := self._read()).kind != kind:
            self._messages.append(packet)
        return packet

    def _next_id(self):
        self._id += 1
        return self._id

    def publish(self, topic, payload=b"x", retain=False):
        self._wire.send(mqtt_packets.publish(5, topic, payload, 1, self._next_id(), retain=retain))
        return self._answer(mqtt_packets.PUBACK).reason in (0, 0x10)

    def subscribe(self, filter):
        self._wire.send(mqtt_packets.subscribe(5, self._next_id(), (filter, 1)))
        return self._answer(mqtt_packets.SUBACK).codes[0] < 0x80

    def recall(self, filter):
        self._wire.send(mqtt_packets.subscribe(5, self._next_id(), (filter, 1), user_property=[("junctor-history", "first")]))
        return self._answer(mqtt_packets.SUBACK).codes[0] < 0x80

    def receive(self):
        packet = self._messages.pop(0) if self._messages else self._answer(mqtt_packets.PUBLISH)
        if packet.qos:
            self._wire.acknowledge(mqtt_packets.PUBACK, packet.packet_id)
        return packet.topic.decode()

    def alive(self):
        self._wire.send(b"\xc0\x00")
        self._answer(mqtt_packets.PINGRESP)
        return True

    def cut(self):
        self._wire.cut()


class WebSocket:
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


class Rest:
    """Every request shows anew who asks. A subscription is an event stream, whose head is its acknowledgement."""

    def __init__(self, ports, user, password, tls=None):
        self._port, self._tls, self._headers = ports["http"], tls, basic(user, password)
        self._events = None
        self.alive()

    def _call(self, method, path, body=None, headers=()):
        place = ("localhost", self._port)
        connection = http.client.HTTPSConnection(*place, timeout=SECONDS, context=self._tls) if self._tls else http.client.HTTPConnection(*place, timeout=SECONDS)
        connection.request(method, path.replace("#", "%23"), body, {**self._headers, **dict(headers)})
        return connection, connection.getresponse()

    def _status(self, *call):
        connection, answer = self._call(*call)
        code = json.loads(answer.read() or b"{}").get("code", "") if answer.status >= 400 else ""
        connection.close()
        assert answer.status in (200, 202, 204, 401, 403, 404), (answer.status, code)
        return answer.status

    def publish(self, topic, payload=b"x", retain=False):
        return self._status("POST", f"/v1/topics/{topic}" + ("?qos=1&retain=1" if retain else "?qos=1"), payload) == 202

    def request(self, topic):
        return self._status("POST", f"/v1/requests/{topic}?timeout=20s", b"x") == 200

    def recall(self, filter):
        """Of what is there, something is shown."""
        connection, answer = self._call("GET", f"/v1/history/{filter}")
        body = json.loads(answer.read())
        connection.close()
        return bool(body.get("messages"))

    def subscribe(self, filter):
        self._connection, self._events = self._call("GET", f"/v1/topics/{filter}", None, {"Accept": "text/event-stream"})
        return self._events.status == 200

    def _next_event(self):
        """A message's topic, an empty text for the comment with which a stream begins; None when it ends."""
        while line := self._events.readline():
            if line.startswith(b"event: closed"):
                return None
            if line.startswith(b":"):
                return ""
            if line.startswith(b"data:"):
                return json.loads(line[5:])["topic"]
        return None

    def receive(self):
        while (topic := self._next_event()) == "":
            pass
        if topic is None:
            raise Gone("the stream ended")
        return topic

    def alive(self):
        """Whether it may come in: shown by a publish, which the test allows."""
        status = self._status("POST", "/v1/topics/m/alive", b"")
        if status == 401:
            raise Gone("401")
        return status == 202

    def cut(self):
        if self._events:
            self._events.close()
            self._connection.close()


class Zeromq:
    """A DEALER at the request door."""

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


class Vertx:
    """The TCP event bus bridge. A wildcard stands for what the matrix publishes below it."""

    UNDER = {"m/#": ("m/receive", "m/marker")}

    def __init__(self, ports, user, password, tls=None):
        self._bridge = BridgeClient(connection=connected(ports["vertx"], tls))
        self._messages = []
        if user:
            self._bridge.send("send", address="vertx.basicauthmanager.login", replyAddress="login", body={"username": user, "password": password})
            if self._read()["type"] != "message":
                raise Gone("login")
        self.alive()

    def _read(self):
        try:
            frame = self._bridge.receive()
        except (ConnectionError, struct.error) as error:
            raise Gone("closed") from error
        if frame.get("message") in ("not_authenticated", "not_authorized"):
            raise Gone(frame["message"])
        return frame

    def _goes(self):
        """Whether what was sent before was allowed: a pong comes behind the errors."""
        self._bridge.send("ping")
        allowed = True
        while (frame := self._read())["type"] != "pong":
            if frame["type"] == "message":
                self._messages.append(frame)
            elif frame["message"] != "address_already_registered":  # then it is allowed still
                assert frame == {"type": "err", "message": "access_denied"}, frame
                allowed = False
        return allowed

    def publish(self, topic, payload=b"x", retain=False):
        self._bridge.send("publish", address=topic, body=payload.decode())
        return self._goes()

    def subscribe(self, filter):
        for address in self.UNDER.get(filter, (filter,)):
            self._bridge.send("register", address=address)
        return self._goes()

    def request(self, topic):
        self._bridge.send("send", address=topic, replyAddress="answer", body="x")
        while (frame := self._read()).get("address") != "answer":
            if frame["type"] == "err":
                return False
            self._messages.append(frame)
        return frame["type"] == "message"

    def receive(self):
        while not self._messages:
            frame = self._read()
            if frame["type"] == "message":
                self._messages.append(frame)
        return self._messages.pop(0)["address"]

    def alive(self):
        self._goes()
        return True

    def cut(self):
        self._bridge.close()


CLIENTS = {"mqtt": Mqtt, "websocket": WebSocket, "rest": Rest, "zeromq": Zeromq, "vertx": Vertx}
