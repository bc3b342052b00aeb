"""Open Policy Agent, as tests/peers/install builds it, with a policy of the test's."""
import contextlib
import os
import pathlib
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from support.gateway import free_ports

PROGRAM = pathlib.Path(os.environ["JUNCTOR_PEERS"]) / "bin" / "opa"
START_SECONDS = 60


class OpenPolicyAgent:
    """Use as a context. `port` stays the same over a kill."""

    def __init__(self, rego):
        self._folder = tempfile.TemporaryDirectory()
        self._policy = pathlib.Path(self._folder.name) / "policy.rego"
        self._policy.write_text(rego)
        self.process = None

    def __enter__(self):
        for _ in range(5):
            self.port = free_ports(1)[0]
            self.start()
            if self._becomes_ready():
                return self
            self.kill()
        raise AssertionError((pathlib.Path(self._folder.name) / "log").read_text())

    def __exit__(self, *_):
        self.kill()
        self._folder.cleanup()

    def start(self):
        with (pathlib.Path(self._folder.name) / "log").open("wb") as log:
            self.process = subprocess.Popen([PROGRAM, "run", "--server", "--disable-telemetry", "--addr", f"127.0.0.1:{self.port}", self._policy],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def replace_policy(self, rego):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/policies/{self._policy.as_posix().lstrip('/')}", method="PUT", data=rego.encode())
        with urllib.request.urlopen(request, timeout=30):
            pass
        self._policy.write_text(rego)

    def _becomes_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError, urllib.error.URLError):
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=10):
                    return True
            time.sleep(0.05)  # between two looks
        return False
