"""Signed tokens, good and forged ones, and a door of every protocol to show them at."""
import base64
import contextlib
import hashlib
import hmac
import json
import pathlib
import socket
import struct
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import zmq
from zmq.utils.monitor import recv_monitor_message

from support import raw
from support.vertx import BridgeClient

WAIT_SECONDS = 30
V3_1_1, V5 = 4, 5


def base64url(data):
    return base64.urlsafe_b64encode(data if isinstance(data, bytes) else data.encode()).rstrip(b"=").decode()


class Issuer:
    """Signs with a key of its own, by openssl."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self._folder.name)
        self.private, self.public = folder / "private.pem", folder / "public.pem"
        subprocess.run(["openssl", "genrsa", "-out", self.private, "2048"], check=True, capture_output=True)
        subprocess.run(["openssl", "rsa", "-in", self.private, "-pubout", "-out", self.public], check=True, capture_output=True)

    def remove(self):
        self._folder.cleanup()

    def signature(self, data):
        return subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.private], input=data, check=True, capture_output=True).stdout

    def token(self, header, claims):
        """Either may be a text, which is signed as it stands."""
        signed = ".".join(base64url(part if isinstance(part, (str, bytes)) else json.dumps(part)) for part in (header, claims))
        return f"{signed}.{base64url(self.signature(signed.encode()))}"


def hmac_token(secret, header, claims):
    signed = base64url(json.dumps(header)) + "." + base64url(json.dumps(claims))
    return f"{signed}.{base64url(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


# The doors. Each lets somebody in who shows the token, and says whether it did and what it said.


def mqtt_connect(token, client_id, version):
    """As most MQTT clients do: the token is the password."""
    properties = b"\0" if version == V5 else b""
    return raw.mqtt_packet(0x10, raw.mqtt_text("MQTT") + bytes([version, 0xC2]) + struct.pack(">H", 60) + properties + raw.mqtt_text(client_id) +
                           raw.mqtt_text("token") + raw.mqtt_text(token))


def open_mqtt(port, token, client_id="", version=V3_1_1):
    """(socket, CONNACK)"""
    connection = raw.open_socket(port)
    with contextlib.suppress(ConnectionError):
        connection.sendall(mqtt_connect(token, client_id, version))
        first, body = raw.read_mqtt_packet(connection)
        return connection, (first, body)
    return connection, None


def mqtt(version):
    def show(gateway, token):
        if len(token) > 65535:
            return None, None  # no password of this protocol
        connection, answer = open_mqtt(gateway.ports["mqtt"], token, version=version)
        with connection:
            return answer is not None and answer[1][1] == 0, answer
    return show


def mqtt_websocket(gateway, token):
    if len(token) > 65535:
        return None, None
    with raw.websocket_session(gateway.ports["http"], "/mqtt", "mqtt") as connection:
        connection.sendall(raw.websocket_frame(mqtt_connect(token, "", V5), opcode=2))
        with contextlib.suppress(ConnectionError):
            opcode, packet = raw.read_websocket_frame(connection)
            return opcode == 2 and packet[0] == 0x20 and packet[3] == 0, packet
    return False, "closed"


def rest(gateway, token):
    request = urllib.request.Request(gateway.url("/v1/topics/door"), b"x", {"Authorization": f"Bearer {token}"}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as answer:
            return answer.status < 300, answer.status
    except urllib.error.HTTPError as error:
        return False, (error.code, error.read())
    except (ValueError, ConnectionError, urllib.error.URLError) as error:
        return (None, None) if isinstance(error, ValueError) else (False, "closed")


def websocket(gateway, token):
    if "\n" in token:
        return None, None  # no header holds that
    with raw.open_socket(gateway.ports["http"]) as connection:
        handshake = raw.websocket_handshake()[:-2] + f"Authorization: Bearer {token}\r\n\r\n".encode()
        try:
            connection.sendall(handshake)
            head = raw.read_head(connection)
            if not head.startswith("HTTP/1.1 101"):
                return False, head.split("\r\n")[0]
            connection.sendall(raw.websocket_frame(json.dumps({"op": "publish", "id": 1, "topic": "door", "data": "x"}).encode()))
            opcode, payload = raw.read_websocket_frame(connection)
        except (ConnectionError, socket.timeout):
            return False, "closed"
        return opcode == 1 and json.loads(payload).get("op") == "ack", payload


def vertx(gateway, token):
    """Where a connector serves it."""
    with BridgeClient(gateway.ports["vertx"]) as client:
        try:
            client.send("send", address="vertx.basicauthmanager.login", replyAddress="login", body={"token": token})
            answer = client.receive()
        except (ConnectionError, struct.error, socket.timeout):
            return False, "closed"
        return answer.get("body") == {"status": "ok"}, answer


def zeromq(kind, door):
    """By PLAIN, which has room for 255 bytes. Where a connector serves it."""
    def show(gateway, token):
        if len(token) > 255:
            return None, None
        with contextlib.closing(zmq.Context.instance().socket(kind)) as client, contextlib.closing(client.get_monitor_socket()) as monitor:
            client.linger = 0
            client.plain_username, client.plain_password = b"token", token.encode()
            client.connect(f"tcp://127.0.0.1:{gateway.ports[door]}")
            while monitor.poll(WAIT_SECONDS * 1000):
                told = recv_monitor_message(monitor)
                if told["event"] in ENDS_OF_A_HANDSHAKE:
                    client.disable_monitor()
                    return told["event"] == zmq.EVENT_HANDSHAKE_SUCCEEDED, (told["event"], told["value"])
            client.disable_monitor()
        return False, "silence"
    return show


ENDS_OF_A_HANDSHAKE = (zmq.EVENT_HANDSHAKE_SUCCEEDED, zmq.EVENT_HANDSHAKE_FAILED_AUTH, zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL,
                       zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL)
ZEROMQ_DOORS = {"PUB": zeromq(zmq.PUB, "pub"), "SUB": zeromq(zmq.SUB, "sub"), "DEALER": zeromq(zmq.DEALER, "request")}
DOORS = {"mqtt 3.1.1": mqtt(V3_1_1), "mqtt 5": mqtt(V5), "mqtt websocket": mqtt_websocket, "rest": rest, "websocket": websocket}


def claims(issuer="https://issuer.example", **more):
    now = int(time.time())
    return {"iss": issuer, "aud": "junctor", "sub": "alice", "iat": now, "exp": now + 600, **more}
