"""Open Policy Agent, as tests/peers/install builds it, with a policy of the test's."""
import os
import pathlib
import urllib.request

from support.policy_server import PolicyServer

PROGRAM = pathlib.Path(os.environ["JUNCTOR_PEERS"]) / "bin" / "opa"


class OpenPolicyAgent(PolicyServer):
    """`default_decision`: what `POST /` answers, `package/rule`."""

    def __init__(self, rego, default_decision=""):
        super().__init__()
        self._default = ["--set", f"default_decision={default_decision}"] if default_decision else []
        self._policy = self.folder / "policy.rego"
        self._policy.write_text(rego)

    def command(self):
        return [PROGRAM, "run", "--server", "--disable-telemetry", *self._default, "--addr", f"127.0.0.1:{self.port}", self._policy]

    def replace_policy(self, rego):
        request = urllib.request.Request(f"{self.url}/v1/policies/{self._policy.as_posix().lstrip('/')}", method="PUT", data=rego.encode())
        with urllib.request.urlopen(request, timeout=30):
            pass
        self._policy.write_text(rego)
