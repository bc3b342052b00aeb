"""Debian's mosquitto as a server to compare with."""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from support import raw
from support.gateway import free_ports

START_SECONDS = 60
PROGRAM = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin")  # where Debian has it


class MosquittoBroker:
    """Use as a context; `ports["mqtt"]`. `certificates`: it speaks TLS there, and with `clients_show_one` to nobody without a certificate of them."""

    def __init__(self, certificates=None, clients_show_one=False):
        # As `mosquitto` it could not read the key of a test that runs as root; nobody else may say who it is.
        self._tls = f"user root\ncertfile {certificates.cert}\nkeyfile {certificates.key}\n" if certificates else ""
        if clients_show_one:
            self._tls += f"cafile {certificates.ca}\nrequire_certificate true\n"

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory()
        self.ports = {"mqtt": free_ports(1)[0]}
        self._config = pathlib.Path(self._folder.name) / "mosquitto.conf"
        self._config.write_text(f"listener {self.ports['mqtt']} 127.0.0.1\n{self._tls}allow_anonymous true\nmax_queued_messages 0\n"
                                "set_tcp_nodelay true\n")
        self.start()
        return self

    def start(self):
        self._process = subprocess.Popen([PROGRAM, "-c", self._config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                return raw.open_socket(self.ports["mqtt"]).close()
            except OSError:
                time.sleep(0.02)  # between two looks
        self.__exit__()
        raise AssertionError("mosquitto did not start")

    @contextlib.contextmanager
    def paused(self):
        """It reads nothing meanwhile."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def stop(self):
        self._process.terminate()
        self._process.wait()

    def __exit__(self, *_):
        self.stop()
        self._folder.cleanup()
