"""Reads a history over HTTP, always on from where it was: whatever the server went through, nothing may be missing or come twice."""
import collections
import json
import urllib.error
import urllib.parse
import urllib.request

PAGE = 10_000


class History:
    """`filter`: of messages `<publisher> <number>`."""

    def __init__(self, server, filter):
        self.server = server
        self.path = f"/v1/history/{urllib.parse.quote(filter)}?limit={PAGE}"
        self.received = collections.defaultdict(set)  # publisher: numbers
        self.faults = []
        self._place = None                            # of the last message
        self._last = {}                               # (publisher, topic): number

    def catch_up(self):
        while True:
            where = f"&epoch={self._place[0]}&from={self._place[1]}" if self._place else ""
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.server.ports['http']}{self.path}{where}", timeout=60) as answer:
                    page = json.load(answer)
            except urllib.error.HTTPError as error:
                self.faults.append(f"history behind {self._place}: {error.read().decode()}")
                return
            for message in page["messages"]:
                self._note(message)
            self._place = page["epoch"], page["next"]
            if page["next"] == page["last"]:
                return

    def _note(self, message):
        if self._place and self._place[0] != message["epoch"]:
            self.faults.append(f"history: epoch {message['epoch']} after {self._place[0]}")
        if self._place and message["offset"] <= self._place[1]:
            self.faults.append(f"history: offset {message['offset']} after {self._place[1]}")
        publisher, number = message["data"].split()
        number, topic = int(number), message["topic"]
        if number in self.received[publisher]:
            if message.get("qos", 0) == 2:
                self.faults.append(f"history: {publisher} {number} stands there twice at QoS 2")
            return
        self.received[publisher].add(number)
        if number < self._last.get((publisher, topic), -1):
            self.faults.append(f"history: {publisher} {number} after {self._last[publisher, topic]}")
        self._last[publisher, topic] = number

    def missing(self, publisher):
        return publisher.acknowledged - self.received[publisher.name]
