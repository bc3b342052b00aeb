"""Cerbos, a decision point that speaks the Authorization API 1.0 (AuthZEN) by itself; npm brings the program."""
import os
import pathlib

from support.policy_server import PolicyServer

PROGRAM = pathlib.Path(os.environ["JUNCTOR_PEERS"]) / "node_modules/@cerbos/cerbos-linux-x64/cerbos-linux-x64"


class Cerbos(PolicyServer):
    """`policies`: file name -> YAML. It sees by itself when one is replaced."""

    health = "/_cerbos/health"
    ports_needed = 3

    def __init__(self, policies):
        super().__init__()
        self._policies = self.folder / "policies"
        self._policies.mkdir()
        for name, text in policies.items():
            self.replace(name, text)

    def command(self):
        settings = {"storage.driver": "disk", "storage.disk.directory": self._policies, "storage.disk.watchForChanges": "true",
                    "server.httpListenAddr": f"127.0.0.1:{self.port}", "server.grpcListenAddr": f"127.0.0.1:{self.more_ports[0]}", "telemetry.disabled": "true"}
        return [PROGRAM, "server", f"--debug-listen-addr=127.0.0.1:{self.more_ports[1]}", *(f"--set={name}={value}" for name, value in settings.items())]

    def replace(self, name, text):
        """All of it or nothing."""
        fresh = self.folder / name
        fresh.write_text(text)
        fresh.rename(self._policies / name)
