"""A policy server of somebody else's as its own process, which a test starts, kills and starts again on the same port."""
import contextlib
import pathlib
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from support.gateway import free_ports

START_SECONDS = 60


class PolicyServer:
    """Use as a context. A subclass says how it is started (`command`) and where it tells that it is ready (`health`); what it reads stands below `folder`."""

    health = "/health"
    ports_needed = 1

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self._folder.name)
        self.process = None

    def __enter__(self):
        for _ in range(5):
            self.port, *self.more_ports = free_ports(self.ports_needed)
            self.start()
            if self._becomes_ready():
                return self
            self.kill()
        raise AssertionError((self.folder / "log").read_text())

    def __exit__(self, *_):
        self.kill()
        self._folder.cleanup()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def _becomes_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError, urllib.error.URLError):
                with urllib.request.urlopen(self.url + self.health, timeout=10):
                    return True
            time.sleep(0.05)  # between two looks
        return False
