"""Clients that live in JavaScript: a process of node per client, JSON lines in both directions."""
import json
import os
import pathlib
import queue
import subprocess
import threading

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent / "node"
PEERS = pathlib.Path(os.environ["JUNCTOR_PEERS"])
WAIT_SECONDS = 30


class NodeClient:
    """Runs node/<script> with `options`; commands are objects with `do`, events objects with `event`."""

    def __init__(self, script, **options):
        environment = {**os.environ, "NODE_PATH": str(PEERS / "node_modules")}
        if "ca" in options:
            environment["NODE_EXTRA_CA_CERTS"] = str(options["ca"])
        self.process = subprocess.Popen(["node", SCRIPTS / script, json.dumps(options, default=str)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, env=environment)
        self._events = queue.SimpleQueue()
        self._kept = []
        threading.Thread(target=self._read, daemon=True).start()

    def command(self, do, **fields):
        self.process.stdin.write(json.dumps({"do": do, **fields}).encode() + b"\n")
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
        self.process.stdin.close()  # the scripts end with their input
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
