"""A certified OpenID provider on loopback, in a process of node, as the test wants it: rotated, stopped, started again."""
import base64
import json
import urllib.error
import urllib.parse
import urllib.request

from support.gateway import free_ports
from support.node import NodeClient

WAIT_SECONDS = 30


class IdentityProvider:
    """Use as a context. Clients: `device`, `other`, and `gateway`, which may introspect; the secret of each is `<id>-secret`."""

    def __init__(self, ttl=600):
        self.port, = free_ports(1)
        self.issuer = f"http://127.0.0.1:{self.port}"
        self._node = NodeClient("identity_provider.js", port=self.port, ttl=ttl)
        self._node.event("listening")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._node.close()

    def token(self, client="device", resource="urn:junctor"):
        """An access token; `urn:opaque` gives one that only the provider can read, `urn:elsewhere` one for another audience."""
        body = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": "mqtt", "resource": resource})
        return json.loads(self._post("/token", body, client))["access_token"]

    def revoke(self, token, client="device"):
        self._post("/token/revocation", urllib.parse.urlencode({"token": token}), client)

    def rotate(self, keep=True):
        """A new key signs; the old ones are published still where `keep` says so."""
        self._node.command("rotate", keep=keep)
        return self._node.event("rotated")["kid"]

    def sign(self, header, claims, key="current"):
        """Both are texts or objects."""
        header, claims = (part if isinstance(part, str) else json.dumps(part) for part in (header, claims))
        self._node.command("sign", header=header, payload=claims, key=key)
        return self._node.event("signed")["token"]

    def kid(self):
        self._node.command("key")
        return self._node.event("key")["kid"]

    def asked(self, path):
        """How often, so far."""
        self._node.command("count")
        return self._node.event("counted")["counts"].get(path, 0)

    def stop(self):
        self._node.command("stop")
        self._node.event("stopped")

    def start(self):
        self._node.command("start")
        self._node.event("listening")

    def _post(self, path, body, client):
        secret = base64.b64encode(f"{client}:{client}-secret".encode()).decode()
        headers = {"Authorization": f"Basic {secret}", "Content-Type": "application/x-www-form-urlencoded"}
        with urllib.request.urlopen(urllib.request.Request(self.issuer + path, body.encode(), headers), timeout=WAIT_SECONDS) as answer:
            return answer.read().decode()
