"""REST and event streams: no wills, no groups."""
import http.client
import json

from support.deniable import SECONDS, Gone, basic

VERBS = {"connect", "publish", "subscribe", "receive", "presence", "retained", "dead_letter", "history", "request"}


class Client:
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
