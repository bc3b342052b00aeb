"""A real Vert.x application (tests/peers/vertx) whose event bus has bridges, and clients of such."""
import json
import os
import pathlib
import socket
import struct
import subprocess

from support.lines import LineClient

WAIT_SECONDS = 30
HOME = pathlib.Path(os.environ.get("JUNCTOR_PEERS", "build/peers")) / "vertx"
JAVA = ["java", "-XX:TieredStopAtLevel=1", "-cp", f"{HOME}/classes:{HOME}/lib/*"]


class VertxApplication:
    """Use as a context; `port` is its bridge's. With a certificate and its key the bridge speaks TLS. With `http` it has another one at /eventbus
    there, by WebSocket and SockJS: `http_port`."""

    def __init__(self, cert=None, key=None, http=False):
        self.arguments = [str(cert), str(key)] if cert else ["http"] if http else []

    def __enter__(self):
        assert (HOME / "classes/VertxPeer.class").exists(), f"no Vert.x application in {HOME}: run tests/peers/install"
        self._process = subprocess.Popen([*JAVA, "VertxPeer", *self.arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self._process.stdout.readline()
        if not line.startswith("port "):
            self.__exit__()
            raise AssertionError(f"the Vert.x application did not start: {line}")
        self.port, *others = map(int, line.split()[1:])
        self.http_port = others[0] if others else None
        return self

    def __exit__(self, *_):
        """It ends with its input."""
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(WAIT_SECONDS)


class BridgeClient:
    """Speaks the TCP bridge's protocol, as plainly as it can be."""

    def __init__(self, port=None, connection=None):
        self._socket = connection or socket.create_connection(("127.0.0.1", port), timeout=WAIT_SECONDS)
        self._reader = self._socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._reader.close()
        self._socket.close()

    def send(self, type, **fields):
        text = json.dumps({"type": type, **fields}).encode()
        self._socket.sendall(struct.pack(">I", len(text)) + text)

    def receive(self):
        size = struct.unpack(">I", self._reader.read(4))[0]
        return json.loads(self._reader.read(size))

    def register(self, address):
        """Returns when it is in force: the bridge reads frames in order."""
        self.send("register", address=address)
        self.send("ping")
        answer = self.receive()
        assert answer == {"type": "pong"}, answer


class JavaClient(LineClient):
    """By Vert.x's own classes (tests/peers/vertx/VertxClient.java): over TCP, or a WebSocket at `path`."""

    def __init__(self, **options):
        super().__init__([*JAVA, "VertxClient", json.dumps(options)])
        self.event("open")

    def send(self, type, **fields):
        self.write({"type": type, **fields})

    def receive(self):
        return self.event("message")["frame"]

    def unread(self):
        """What the client cannot read came before the last frame that it could."""
        return [each for each in self._kept if each["event"] == "other"]
