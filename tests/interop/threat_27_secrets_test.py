"""Threat 27: planted secrets are looked for wherever something is written or shown."""
import base64
import json
import pathlib
import unittest
import urllib.error
import urllib.request

from support import raw, tokens
from support.callout import Callout
from support.gateway import Gateway

JWT_SECRET = "canary-jwt-secret-0123456789abcdef"
CALLOUT_SECRET = "canary-callout-secret"
PASSWORDS = ("canary-right-password", "canary-wrong-password")
OPAQUE = "canary-opaque-token"
POLICY = """policy:
  authenticators:
    - {{type: jwt, algorithms: [HS256], secret: {{file: jwt.secret}}, issuer: "https://issuer.example", audience: [junctor], from: [bearer, password]}}
    - {{type: http, url: "{url}", secret: {{file: callout.secret}}, remember: 1m}}
  authorizers: [{{type: allow_all}}]
log: {{level: debug, messages: {{sample: 1}}}}
"""
ADMIN_PAGES = ("/healthz", "/readyz", "/metrics", "/v1/sessions", "/v1/sessions?limit=1000")


class Secrets(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(Callout())
        self.server.answer = lambda asked: {"result": "allow" if PASSWORDS[0] in asked.values() else "deny", "name": "alice"}
        self.gateway = Gateway(config=POLICY.format(url=self.server.url))
        (self.gateway.folder / "jwt.secret").write_text(JWT_SECRET)
        (self.gateway.folder / "callout.secret").write_text(CALLOUT_SECRET)
        self.enterContext(self.gateway)
        self.good = tokens.hmac_token(JWT_SECRET.encode(), {"alg": "HS256"}, tokens.claims())
        self.bad = tokens.hmac_token(b"another", {"alg": "HS256"}, tokens.claims())
        self.secrets = [JWT_SECRET, CALLOUT_SECRET, *PASSWORDS, OPAQUE, self.good, self.bad]

    def shown_by_admin(self):
        """What an administrator sees, and somebody who is none."""
        text = ""
        for page in ADMIN_PAGES:
            for headers in ({}, {"Authorization": f"Bearer {self.good}"}, {"Authorization": f"Bearer {self.bad}"}):
                request = urllib.request.Request(f"http://127.0.0.1:{self.gateway.ports['admin']}{page}", headers=headers)
                try:
                    with urllib.request.urlopen(request, timeout=30) as answer:
                        text += answer.read().decode()
                except urllib.error.HTTPError as error:
                    text += error.read().decode()
        return text

    def pieces(self):
        """What would give a secret away: itself, its base64 form, and parts of tokens."""
        for secret in self.secrets:
            yield secret
            yield base64.b64encode(secret.encode()).decode().rstrip("=")[:-1]
            if secret.count(".") == 2:
                yield secret.split(".")[2]
                yield secret.split(".")[1]

    def test_they_stand_nowhere(self):
        shown = {}
        for door, show in tokens.DOORS.items():
            for secret in (self.good, self.bad, OPAQUE, *PASSWORDS):
                opened, answer = show(self.gateway, secret)
                shown[f"{door}: {secret[:20]}"] = str(answer)
                self.assertEqual(opened, secret in (self.good, PASSWORDS[0]), f"{door} {secret}")
        with raw.open_socket(self.gateway.ports["http"]) as connection:
            basic = base64.b64encode(f"alice:{PASSWORDS[1]}".encode()).decode()
            connection.sendall(f"GET /v1/topics/{PASSWORDS[1]} HTTP/1.0\r\nAuthorization: Basic {basic}\r\n\r\n".encode())
            raw.ends(connection)
        stays, _ = tokens.open_mqtt(self.gateway.ports["mqtt"], self.good, "stays")
        with stays:
            places = {"admin API": self.shown_by_admin(),
                      "command line": pathlib.Path(f"/proc/{self.gateway.pid}/cmdline").read_text(),
                      "environment": pathlib.Path(f"/proc/{self.gateway.pid}/environ").read_bytes().decode(errors="replace")}
        self.gateway.stop()  # until then not all of the log is written
        places["log"] = self.gateway.log()
        self.assertIn("credentials refused", places["log"])
        self.assertIn("junctor_credentials_total", places["admin API"], "the pages were read")
        for place, text in {**places, **shown}.items():
            for piece in self.pieces():
                self.assertNotIn(piece, text, f"in the {place}")
        self.assertTrue(any(CALLOUT_SECRET in headers["Authorization"] for _, headers in self.server.asked), "it does know it")
        self.assertTrue(any(PASSWORDS[1] in json.dumps(asked) for asked, _ in self.server.asked))


if __name__ == "__main__":
    unittest.main()
