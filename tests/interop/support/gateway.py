"""The real gateway as a test starts it: its own process on free ports of loopback, ready when it says so, stopped by its pid."""
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

BINARY = os.environ["JUNCTOR_BINARY"]
START_SECONDS = 30
STOP_SECONDS = 30
UNQUARANTINED = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1:thread_local_quarantine_size_kb=64"
PORTS = ("mqtt", "http", "pub", "sub", "request", "admin", "vertx")


class Gateway:
    """Use as a context. `ports` holds one port per connector; `config` is added to the generated configuration (YAML, top level),
    `mqtt` to the mqtt connector's entry, `http` to those of rest and websocket, `zeromq` to that one's. `store`: the durability of a store, in
    `folder`/store unless `store_folder` says where. `binary`: another build; `through`: a command that becomes
    it, as `prlimit`. `fixed`: ports that others know already.

    `measured`: the test reads resident_bytes(); a build with AddressSanitizer then keeps no freed memory back."""

    def __init__(self, cores=2, config="", tls=None, connectors=None, measured=False, mqtt="", store=None, store_folder=None, environment=(),
                 binary=BINARY, through=(), http="", zeromq="", fixed=()):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self._folder.name)
        self.cores = cores
        self._command = [*through, binary]
        self._fixed = dict(fixed)
        self._config = config + (f"\nstore: {{dir: {store_folder or self.folder / 'store'}, durability: {store}}}" if store else "")
        self._tls = f", tls: {{{tls.settings}}}" if tls else ""
        self.connectors = connectors or ["mqtt", "mqtt-ws", "websocket", "rest", "zeromq"]
        self._mqtt, self._http, self._zeromq = (f", {text}" if text else "" for text in (mqtt, http, zeromq))
        self._environment = {**os.environ, **({"ASAN_OPTIONS": UNQUARANTINED} if measured else {}), **dict(environment)}
        self.ports = {}
        self.process = None

    def __enter__(self):
        # A port that is free now may be taken by a neighbour before the gateway binds it: then it says so, and other ports will do.
        for _ in range(5):
            self._start()
            if self._becomes_ready():
                return self
            if "in use" not in self.log():
                break
        raise AssertionError(f"the gateway did not start (status {self.process.returncode}):\n{self.log()}")

    def __exit__(self, kind, value, traceback):
        try:
            status = self.stop()
            if kind is None and status != 0:
                raise AssertionError(f"the gateway left with status {status}:\n{self.log()[-4000:]}")
        finally:
            self._folder.cleanup()

    @property
    def pid(self):
        return self.process.pid

    @property
    def config_file(self):
        return self.folder / "junctor.yaml"

    def url(self, path=""):
        return f"http{'s' if self._tls else ''}://localhost:{self.ports['http']}{path}"

    def admin(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['admin']}{path}", timeout=10) as answer:
            return answer.read().decode()

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def resident_bytes(self):
        for line in pathlib.Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Rss:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no Rss in smaps_rollup")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the gateway did not stop within {STOP_SECONDS} s of SIGTERM:\n{self.log()[-4000:]}") from None

    def reload(self):
        """Reads the configuration again; returns when it is in force."""
        before = self.log().count("configuration reloaded")
        self.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + START_SECONDS
        while self.log().count("configuration reloaded") == before:
            if time.monotonic() > deadline:
                raise AssertionError(f"the configuration was not reloaded:\n{self.log()[-4000:]}")
            time.sleep(0.02)  # between two looks, not to let time pass

    def kill(self):
        self.process.kill()
        self.process.wait()

    def start_again(self):
        """The same configuration, ports and folder; does not wait until it is ready."""
        self._launch()

    def wait_ready(self):
        if not self._becomes_ready():
            raise AssertionError(f"the gateway did not start (status {self.process.returncode}):\n{self.log()}")

    def write_config(self, text):
        self.config_file.write_text(text)

    def configuration(self):
        port, tls = self.ports, self._tls
        lines = {
            "mqtt": f'{{type: mqtt, address: "127.0.0.1:{port["mqtt"]}"{tls}{self._mqtt}}}',
            "mqtt-ws": f'{{type: mqtt, name: mqtt-ws, address: "127.0.0.1:{port["http"]}", path: /mqtt{tls}}}',
            "websocket": f'{{type: websocket, address: "127.0.0.1:{port["http"]}", path: /ws{tls}{self._http}}}',
            "rest": f'{{type: rest, address: "127.0.0.1:{port["http"]}"{tls}{self._http}}}',
            "zeromq": f'{{type: zeromq, publish: "127.0.0.1:{port["pub"]}", subscribe: "127.0.0.1:{port["sub"]}", '
                      f'request: "127.0.0.1:{port["request"]}"{self._zeromq}}}',
            "vertx": f'{{type: vertx, address: "127.0.0.1:{port["vertx"]}"{tls}}}',
            "vertx-ws": f'{{type: vertx, name: vertx-ws, address: "127.0.0.1:{port["http"]}", path: /eventbus{tls}}}',
        }
        entries = "".join(f"  - {lines[name]}\n" for name in self.connectors)
        return f'cores: {self.cores}\nconnectors:\n{entries}admin: {{address: "127.0.0.1:{port["admin"]}"}}\n{self._config}\n'

    def _start(self):
        self.ports = {**dict(zip(PORTS, free_ports(len(PORTS)))), **self._fixed}
        self.write_config(self.configuration())
        self._launch()

    def _launch(self):
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen([*self._command, "run", "-c", self.config_file], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=self._environment)

    def _becomes_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError, urllib.error.URLError):
                self.admin("/readyz")
                return True
            time.sleep(0.02)  # between two looks, not to let time pass
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        return False


def free_ports(count):
    """Distinct ports that nobody listens on now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in sockets:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in sockets]
