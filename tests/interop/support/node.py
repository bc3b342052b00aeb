"""Clients that live in JavaScript: a process of node per client."""
import json
import os
import pathlib

from support.lines import LineClient

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent / "node"
PEERS = pathlib.Path(os.environ["JUNCTOR_PEERS"])


class NodeClient(LineClient):
    """Runs node/<script> with `options`; commands are objects with `do`."""

    def __init__(self, script, **options):
        environment = {**os.environ, "NODE_PATH": str(PEERS / "node_modules")}
        if "ca" in options:
            environment["NODE_EXTRA_CA_CERTS"] = str(options["ca"])
        super().__init__(["node", SCRIPTS / script, json.dumps(options, default=str)], environment)

    def command(self, do, **fields):
        self.write({"do": do, **fields})
