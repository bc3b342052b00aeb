"""Clients that live in another language: a process per client, JSON lines in both directions."""
import json
import queue
import subprocess
import threading

WAIT_SECONDS = 30


class LineClient:
    """A process that prints events, objects with `event`, and takes objects too: a line each. It ends with its input."""

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self._events = queue.SimpleQueue()
        self._kept = []
        threading.Thread(target=self._read, daemon=True).start()

    def write(self, fields):
        self.process.stdin.write(json.dumps(fields).encode() + b"\n")
        self.process.stdin.flush()

    def event(self, name, seconds=WAIT_SECONDS):
        """The next event of this name. An event `failed` fails the test, unless it is the one that is waited for."""
        for index, kept in enumerate(self._kept):
            if kept["event"] == name:
                return self._kept.pop(index)
        while True:
            try:
                event = self._events.get(timeout=seconds)
            except queue.Empty:
                raise AssertionError(f"no event {name!r} within {seconds} s; there were {self._kept}") from None
            if event["event"] == name:
                return event
            if event["event"] in ("failed", "exited"):
                raise AssertionError(f"waiting for {name!r}: {event}")
            self._kept.append(event)

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _read(self):
        try:
            for line in self.process.stdout:
                self._events.put(json.loads(line))
        except ValueError:
            pass  # closed under us
        self._events.put({"event": "exited", "status": self.process.poll()})
