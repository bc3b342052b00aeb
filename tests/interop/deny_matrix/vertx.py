"""The TCP event bus bridge: no wildcards, so no events; no retained values, groups, histories or wills."""
import struct

from support.deniable import Gone, connected
from support.vertx import BridgeClient

VERBS = {"connect", "publish", "subscribe", "receive", "request"}


class Client:
    """A wildcard stands for what the matrix publishes below it."""

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
