"""A real Vert.x application (tests/peers/vertx) whose event bus has a TCP bridge, and a client of such a bridge."""
import json
import os
import pathlib
import socket
import struct
import subprocess

WAIT_SECONDS = 30
HOME = pathlib.Path(os.environ.get("JUNCTOR_PEERS", "build/peers")) / "vertx"


class VertxApplication:
    """Use as a context; `port` is its bridge's. With a certificate and its key the bridge speaks TLS."""

    def __init__(self, cert=None, key=None):
        self.tls = [str(cert), str(key)] if cert else []

    def __enter__(self):
        assert (HOME / "classes/VertxPeer.class").exists(), f"no Vert.x application in {HOME}: run tests/peers/install"
        command = ["java", "-XX:TieredStopAtLevel=1", "-cp", f"{HOME}/classes:{HOME}/lib/*", "VertxPeer", *self.tls]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self._process.stdout.readline()
        if not line.startswith("port "):
            self.__exit__()
            raise AssertionError(f"the Vert.x application did not start: {line}")
        self.port = int(line.split()[1])
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
